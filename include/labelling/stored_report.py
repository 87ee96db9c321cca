"""The stored labelling report of a version, read for a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What ``label_dataset`` stored.

    scores: labeller -> its scores on golden labels; functions: rows of ``labelling_report`` with their
    details beside them; buckets: rows of ``labelling_bucket``.
    """

    method: str
    reason: str
    scores: dict[str, dict[str, float]]
    created_at: datetime
    functions: list[dict[str, Any]]
    buckets: list[dict[str, Any]]


def stored_report(connection: psycopg.Connection, version: int) -> StoredReport | None:
    """The report; None if the version was not labelled yet."""
    with connection.cursor(row_factory=dict_row) as cursor:
        choice = cursor.execute(
            "SELECT method, reason, scores, created_at FROM labelling_choice WHERE version = %s", [version]
        ).fetchone()
        if choice is None:
            return None
        functions = cursor.execute(
            """SELECT j, function, polarity, coverage, "overlaps", conflicts, weight, details
               FROM labelling_report WHERE version = %s ORDER BY j""",
            [version],
        ).fetchall()
        buckets = cursor.execute(
            """SELECT golden, weak, posts, examples FROM labelling_bucket
               WHERE version = %s ORDER BY golden DESC, weak DESC""",
            [version],
        ).fetchall()
    flat = [{**row, **row.pop("details")} for row in functions]
    return StoredReport(**choice, functions=flat, buckets=buckets)
