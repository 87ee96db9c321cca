"""The append-only ledger of promotions: who put which version into service, when, on what evidence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import psycopg
from psycopg.types.json import Jsonb

from include.infra.postgres.connection import connect
from include.promotion.errors import PromotionError
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.evidence import evidence_hash
from include.settings import Settings

Outcome = Literal["promoted", "rolled_back", "refused", "rejected", "failed"]
"""'refused' by the gate, 'rejected' by a person; neither touched production."""


class Ledger:
    """The rows of one model on one target."""

    def __init__(self, settings: Settings, target: str) -> None:
        self._settings, self._target = settings, target

    def write(self, entry: LedgerEntry, outcome: Outcome) -> int:
        """Append a row; returns its number."""
        query = """
            INSERT INTO promotion (model_name, target, action, from_version, to_version, outcome, reason,
                                   approver, override, evidence, evidence_hash, started_at, finished_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp()) RETURNING id
        """
        values = [
            *(self._settings.model_name, self._target, entry.action, entry.from_version, entry.to_version),
            *(outcome, entry.reason, entry.approver, entry.override, Jsonb(entry.evidence)),
            *(self._hash(entry), entry.started_at),
        ]
        with connect(self._settings) as connection:
            row = connection.execute(query, values).fetchone()
        assert row is not None
        return int(row[0])

    def evidence_of(self, version: int | None) -> str | None:
        """The hash of the evidence on which a version was last promoted here."""
        query = """
            SELECT evidence_hash FROM promotion WHERE model_name = %s AND target = %s AND to_version = %s
            AND action = 'promote' AND outcome = 'promoted' ORDER BY id DESC LIMIT 1
        """
        with connect(self._settings) as connection:
            row = connection.execute(query, [self._settings.model_name, self._target, version]).fetchone()
        return row[0] if row else None

    def _hash(self, entry: LedgerEntry) -> str:
        """Of what the gate found; a rollback rests on the evidence of the promotion that it returns to."""
        if "gate" in entry.evidence:
            return evidence_hash(entry.evidence["gate"])
        earlier = self.evidence_of(entry.to_version) if entry.action == "rollback" else None
        return earlier or evidence_hash(entry.evidence)

    def in_service(self) -> int | None:
        """The version that the last successful change put into service."""
        history = self._in_effect()
        return history[-1] if history else None

    def previous(self) -> int | None:
        """The version that a rollback returns to.

        A rollback undoes the promotion before it, so rolling back twice goes back by two promotions.
        """
        history = self._in_effect()
        return history[-2] if len(history) > 1 else None

    def _in_effect(self) -> list[int]:
        query = """
            SELECT action, to_version FROM promotion
            WHERE model_name = %s AND target = %s AND outcome = 'promoted' ORDER BY id
        """
        with connect(self._settings) as connection:
            rows = connection.execute(query, [self._settings.model_name, self._target]).fetchall()
        return in_effect(rows)

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Hold the lock on changes of this target; a process that is killed loses it.

        Raises:
            PromotionError: another promotion holds it.
        """
        key = [f"promotion {self._target} {self._settings.model_name}"]
        with connect(self._settings, autocommit=True) as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key).fetchone()
            if not (row and row[0]):
                raise PromotionError(
                    f"another promotion to the {self._target} target is running; wait for its end"
                )
            try:
                yield
            finally:  # a server releases it some time after the connection was closed, if nobody does before
                with contextlib.suppress(psycopg.OperationalError):
                    connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


def in_effect(rows: list[tuple[str, int | None]]) -> list[int]:
    """The versions of the promotions that no rollback has undone, the one in service last.

    >>> in_effect([("promote", 1), ("promote", 2), ("promote", 3), ("rollback", 2)])
    [1, 2]
    """
    stack: list[int] = []
    for action, version in rows:
        if version is None:
            continue
        if action == "rollback" and version in stack:
            while stack[-1] != version:
                stack.pop()
        elif not stack or stack[-1] != version:
            stack.append(version)
    return stack
