"""From which probability on a post is about AI: what the model in service was promoted with."""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg

from include.settings import Settings

BEFORE_THE_FIRST = 0.5
"""Where no model was promoted yet; the stream's statements and ``ai_threshold`` mean the same."""

_IN_SERVICE = """
SELECT p.to_version AS model_version, t.threshold
FROM promotion p LEFT JOIN ai_threshold t ON t.model_version = p.to_version
WHERE p.model_name = %s AND p.target = %s AND p.outcome = 'promoted' ORDER BY p.id DESC LIMIT 1
"""


class InService(NamedTuple):
    """The model in service, None before the first promotion, and its threshold."""

    model_version: int | None
    threshold: float


def in_service(connection: psycopg.Connection[Any], settings: Settings) -> InService:
    """The ledger's answer; the model's own threshold, as it is kept with its metrics."""
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        row = cursor.execute(_IN_SERVICE, [settings.model_name, settings.promotion_target]).fetchone()
    if row is None:
        return InService(None, BEFORE_THE_FIRST)
    return InService(row[0], BEFORE_THE_FIRST if row[1] is None else row[1])
