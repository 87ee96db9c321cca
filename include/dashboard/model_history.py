"""Which model version was in production when, who approved it, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from include.dashboard.read_only import ReadOnlyConnection
from include.promotion.gate.report import comparison
from include.promotion.ledger.evidence import evidence_hash

_MODEL_NAMES = "SELECT DISTINCT model_name FROM promotion ORDER BY model_name"
_SERVICE_PERIODS = """
SELECT target, to_version AS model_version, action, approver, override, finished_at AS since,
       lead(finished_at) OVER periods AS until
FROM promotion
WHERE model_name = %(model_name)s AND outcome = 'promoted' AND to_version IS NOT NULL
WINDOW periods AS (PARTITION BY target ORDER BY id)
ORDER BY id DESC LIMIT %(limit)s
"""
_LEDGER = """
SELECT id, target, action, from_version, to_version, outcome, override, approver, reason,
       evidence -> 'gate' ->> 'verdict' AS verdict, evidence_hash, started_at, finished_at
FROM promotion WHERE model_name = %(model_name)s
ORDER BY id DESC LIMIT %(limit)s
"""
_EVIDENCE = """
SELECT p.evidence, p.evidence_hash, coalesce(p.evidence -> 'gate', e.evidence) AS gate
FROM promotion p LEFT JOIN promotion_evidence e USING (evidence_hash)
WHERE p.id = %(id)s
"""


def model_names(reader: ReadOnlyConnection, first: str) -> list[str]:
    """The models that the ledger knows, ``first`` before the others, whether it was ever promoted or not."""
    known = [row["model_name"] for row in reader.execute(_MODEL_NAMES, {}).fetchall()]
    return [first, *(name for name in known if name != first)]


def service_periods(reader: ReadOnlyConnection, model_name: str, limit: int = 200) -> list[dict[str, Any]]:
    """When which version was in production, the latest first; ``until`` is None for the current one."""
    return reader.execute(_SERVICE_PERIODS, {"model_name": model_name, "limit": limit}).fetchall()


def ledger_rows(reader: ReadOnlyConnection, model_name: str, limit: int = 200) -> list[dict[str, Any]]:
    """The ledger's rows, the latest first, without their evidence."""
    return reader.execute(_LEDGER, {"model_name": model_name, "limit": limit}).fetchall()


@dataclass(frozen=True)
class LedgerEvidence:
    """The evidence of a ledger row.

    Attributes:
        compared: the gate's comparison as Markdown; None where the gate was not run.
        evidence: the row's own evidence.
        holds: whether the gate's evidence still has the hash that is recorded; None where there is none.
    """

    compared: str | None
    evidence: dict[str, Any]
    holds: bool | None


def evidence_of(reader: ReadOnlyConnection, number: int) -> LedgerEvidence:
    """The evidence of a ledger row; for a rollback, that of the promotion it returns to."""
    row = reader.execute(_EVIDENCE, {"id": number}).fetchone()
    assert row is not None, f"the ledger is append-only, and has no row {number}"
    if not row["gate"]:
        return LedgerEvidence(None, row["evidence"], None)
    return LedgerEvidence(
        comparison(row["gate"], level=4), row["evidence"], evidence_hash(row["gate"]) == row["evidence_hash"]
    )


def title(row: dict[str, Any]) -> str:
    """A ledger row in one line.

    >>> title({"id": 7, "action": "promote", "from_version": None, "to_version": 3, "outcome": "promoted"})
    '#7: promote none → 3, promoted'
    """
    came, went = row["from_version"] or "none", row["to_version"]
    return f"#{row['id']}: {row['action']} {came} → {went}, {row['outcome']}"
