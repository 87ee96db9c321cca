"""The table ``share_evidence``: what was measured before a scorer got all messages. Append-only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from include.streaming.evidence import Evidence


@dataclass(frozen=True)
class StoredEvidence:
    """One row; ``findings`` have a name, whether it passed, and what was said."""

    id: int
    scorer: str
    passed: bool
    findings: list[dict[str, Any]]
    measured: dict[str, Any]
    gathered_at: datetime


def store_evidence(connection: psycopg.Connection, workload: str, scorer: str, found: Evidence) -> int:
    """Append it; its number."""
    row = connection.execute(
        "INSERT INTO share_evidence (workload, scorer, passed, findings, measured)"
        " VALUES (%s, %s, %s, %s, %s) RETURNING id",
        [
            workload, scorer, found.passed, Jsonb([asdict(one) for one in found.findings]),
            Jsonb(dict(found.measured)),
        ],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def latest_evidence(
    connection: psycopg.Connection, workload: str, scorer: str | None = None, within: timedelta | None = None
) -> StoredEvidence | None:
    """The latest for a scorer (None: for any), of those not older than ``within``."""
    query = """
        SELECT id, scorer, passed, findings, measured, gathered_at FROM share_evidence
        WHERE workload = %(workload)s AND (%(scorer)s::text IS NULL OR scorer = %(scorer)s)
          AND (%(within)s::interval IS NULL OR gathered_at >= now() - %(within)s::interval)
        ORDER BY id DESC LIMIT 1
    """
    with connection.cursor(row_factory=class_row(StoredEvidence)) as cursor:
        values = {"workload": workload, "scorer": scorer, "within": within}
        return cursor.execute(query, values).fetchone()
