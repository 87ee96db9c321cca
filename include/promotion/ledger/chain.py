"""Whether the ledger is as it was written: each row holds the hash of its content and of the row before it.

The database chains a row when it is inserted. Who may change its functions could chain an altered ledger
again, so what a check found is to be kept elsewhere: a backup's manifest keeps it, and a later check can be
asked for it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import psycopg

from include.errors import UserError

_ROWS = """
    SELECT id, previous_hash, entry_hash, jsonb_build_array(
        id, model_name, target, action, from_version, to_version, outcome, reason, approver, override,
        evidence, evidence_hash, extract(epoch FROM started_at), extract(epoch FROM finished_at),
        previous_hash)::text
    FROM promotion ORDER BY id
"""
"""What is hashed, as in revision 0006 of the schema; the hash itself is not left to the database."""


class LedgerAltered(UserError):
    """A row of the ledger is not as it was written, or one is missing."""


@dataclass(frozen=True)
class LedgerState:
    """An unaltered ledger: how many rows it has, and the hash of the last one (None without rows)."""

    entries: int
    head: str | None


def check_ledger(connection: psycopg.Connection, known: str | None = None) -> LedgerState:
    """The ledger's state. ``known``: the last row's hash at an earlier check, which must still be there.

    Rows cut off at the end, or a whole chain written again, show only against ``known``.

    Raises:
        LedgerAltered: names the first row that is not as it was written, or the hash that is missing.
    """
    entries, head, seen = 0, None, known is None
    with connection.transaction(), connection.cursor(name="ledger") as rows:
        rows.execute(_ROWS)
        for number, previous, entry_hash, content in rows:
            _check_row(number, previous, entry_hash, content, head)
            entries, head, seen = entries + 1, entry_hash, seen or entry_hash == known
    if not seen:
        raise LedgerAltered(
            f"the promotion ledger lacks the row {known}, which it had at an earlier check: rows were cut "
            "off, or the ledger was written again; compare it with a backup"
        )
    return LedgerState(entries, head)


def _check_row(number: int, previous: str | None, entry_hash: str, content: str, head: str | None) -> None:
    if previous != head:
        raise LedgerAltered(
            f"row {number} of the promotion ledger does not follow the row before it: one was removed or "
            "altered; compare the ledger with a backup"
        )
    if hashlib.sha256(content.encode()).hexdigest() != entry_hash:
        raise LedgerAltered(
            f"row {number} of the promotion ledger is not as it was written; compare the ledger with a backup"
        )
