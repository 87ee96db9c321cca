"""The append-only ledger of promotions: who put which version into service, when, on what evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from psycopg.types.json import Jsonb

from include.infra.postgres.connection import connect
from include.promotion.approved import ApprovedPromotion, Asked
from include.promotion.errors import PromotionError
from include.promotion.evidence import Judged, evidence_hash, read_evidence
from include.settings import Settings

Outcome = Literal["promoted", "rolled_back", "refused", "rejected", "failed"]
"""'refused' by the gate, 'rejected' by a person; neither touched production."""


@dataclass
class Entry:
    """A row of the ledger in the making.

    ``evidence`` holds what the gate found (``gate``), by whose word it went on (``approval``), and what the
    rollout adds, such as ``proof`` or ``failure``.
    """

    action: Literal["promote", "rollback"]
    from_version: int | None
    to_version: int | None
    reason: str
    approver: str | None
    evidence: dict[str, Any] = field(default_factory=dict)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of(cls, approved: ApprovedPromotion, settings: Settings) -> Entry:
        """The row of an approved promotion.

        Raises:
            NoEvidence: the database doesn't hold what it was approved on.
        """
        evidence: dict[str, Any] = {"approval": approved.as_evidence()}
        if approved.evidence_hash and approved.action == "promote":
            evidence["gate"] = read_evidence(settings, approved.evidence_hash).evidence()
        return cls(
            approved.action,
            approved.previous,
            approved.model_version,
            approved.reason,
            approved.approver,
            evidence,
            approved.started_at,
        )

    @classmethod
    def turned_down(cls, judged: Judged, asked: Asked, by: str | None, why: str) -> Entry:
        """The row of a promotion that ends before production is touched; ``by`` is None for the gate."""
        evidence = {
            "gate": judged.evidence(),
            "approval": {"approver": by, "reason": why, "override": bool(asked.override_reason)},
            "asked": {"by": asked.by, "reason": asked.reason},
        }
        return cls("promote", judged.champion, judged.model_version, why, by, evidence, asked.at)

    @property
    def override(self) -> bool:
        return bool(self.evidence.get("approval", {}).get("override"))


class Ledger:
    """The rows of one model on one target."""

    def __init__(self, settings: Settings, target: str) -> None:
        self._settings, self._target = settings, target

    def write(self, entry: Entry, outcome: Outcome) -> int:
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
        """The hash of the evidence on which a version last came into service here by a promotion."""
        query = """
            SELECT evidence_hash FROM promotion WHERE model_name = %s AND target = %s AND to_version = %s
            AND action = 'promote' AND outcome = 'promoted' ORDER BY id DESC LIMIT 1
        """
        with connect(self._settings) as connection:
            row = connection.execute(query, [self._settings.model_name, self._target, version]).fetchone()
        return row[0] if row else None

    def _hash(self, entry: Entry) -> str:
        """Of what the gate found; a way back rests on what brought the version into service once."""
        if "gate" in entry.evidence:
            return evidence_hash(entry.evidence["gate"])
        earlier = self.evidence_of(entry.to_version) if entry.action == "rollback" else None
        return earlier or evidence_hash(entry.evidence)

    def in_service(self) -> int | None:
        """The version that the last successful change put into service."""
        history = self._promoted()
        return history[-1] if history else None

    def previous(self) -> int | None:
        """The version that a rollback goes to.

        A rollback undoes the promotion before it, so going back twice goes back two steps.

        A promotion puts its version on the pile; a rollback takes one from it.
        """
        history = self._promoted()
        return history[-2] if len(history) > 1 else None

    def _promoted(self) -> list[int]:
        query = """
            SELECT action, to_version FROM promotion
            WHERE model_name = %s AND target = %s AND outcome = 'promoted' ORDER BY id
        """
        with connect(self._settings) as connection:
            rows = connection.execute(query, [self._settings.model_name, self._target]).fetchall()
        return standing(rows)

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Hold the right to change this target; it is lost with the process.

        Raises:
            PromotionError: another promotion holds it.
        """
        key = f"promotion {self._target} {self._settings.model_name}"
        with connect(self._settings, autocommit=True) as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key]).fetchone()
            if not (row and row[0]):
                raise PromotionError(
                    f"another promotion to the {self._target} target is running; wait for its end"
                )
            yield


def standing(rows: list[tuple[str, int | None]]) -> list[int]:
    """The versions that stand behind one another, the one in service last.

    >>> standing([("promote", 1), ("promote", 2), ("promote", 3), ("rollback", 2)])
    [1, 2]
    """
    pile: list[int] = []
    for action, version in rows:
        if version is None:
            continue
        if action == "rollback" and version in pile:
            while pile[-1] != version:
                pile.pop()
        elif not pile or pile[-1] != version:
            pile.append(version)
    return pile
