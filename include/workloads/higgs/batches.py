"""What the page shows: events of each committed batch by kept class, and why events were refused."""

from __future__ import annotations

from typing import Any

import psycopg

_BATCHES = """
SELECT batch_id, committed_at, posts AS events, dead_letters,
       (counts ->> 'signal')::bigint AS signal, (counts ->> 'background')::bigint AS background,
       extract(epoch FROM committed_at - lag(committed_at) OVER (ORDER BY id))::float8 AS seconds
FROM stream_commit WHERE workload = 'higgs' AND batch_id >= 0 AND posts + dead_letters > 0
ORDER BY id DESC LIMIT %(limit)s
"""
_REFUSED = """
SELECT stage, reason, count(*) AS messages, max(created_at) AS latest FROM dead_letter
WHERE workload = 'higgs' AND replayed_at IS NULL AND created_at > now() - interval '1 day'
GROUP BY stage, reason ORDER BY messages DESC, reason LIMIT %(limit)s
"""
_MODEL = """
SELECT details ->> 'version' AS version FROM stream_progress
WHERE workload = 'higgs' AND posts > 0 ORDER BY id DESC LIMIT 1
"""


def latest_batches(reader: psycopg.Connection[Any], limit: int = 90) -> list[dict[str, Any]]:
    """The latest batches, oldest first, by a connection with rows as dictionaries.

    ``seconds`` is the time since the commit before; None for the first of all.
    """
    return reader.execute(_BATCHES, {"limit": limit}).fetchall()[::-1]


def refusals(reader: psycopg.Connection[Any], limit: int = 50) -> list[dict[str, Any]]:
    """Dead letters of the last day by reason, the most frequent first."""
    return reader.execute(_REFUSED, {"limit": limit}).fetchall()


def model_version(reader: psycopg.Connection[Any]) -> str | None:
    """The model version that answered the latest batch; None before the first."""
    row = reader.execute(_MODEL).fetchone()
    return row["version"] if row else None
