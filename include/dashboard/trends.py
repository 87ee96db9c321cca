"""Which domains the posts link to most, and why messages became dead letters."""

from __future__ import annotations

from typing import Any

from include.dashboard.read_only import ReadOnlyConnection

_DOMAINS = """
SELECT known.domain, count(*) AS posts, count(DISTINCT known.link) AS links,
       max(latest.arrived_at) AS last_seen
FROM (
    SELECT links[1:100] AS links, arrived_at FROM ai_tweets
    WHERE probability >= %(threshold)s AND cardinality(links) > 0
    ORDER BY arrived_at DESC, id LIMIT %(posts)s
) AS latest
CROSS JOIN LATERAL unnest(latest.links) AS linked (link)
JOIN links AS known ON known.link = linked.link
GROUP BY known.domain ORDER BY posts DESC, known.domain LIMIT %(limit)s
"""
_REASONS = """
SELECT stage, reason, count(*) AS messages, max(created_at) AS last_seen
FROM (SELECT stage, reason, created_at FROM dead_letter WHERE replayed_at IS NULL
      ORDER BY created_at DESC LIMIT 100000) AS latest
GROUP BY stage, reason ORDER BY messages DESC, stage, reason LIMIT 50
"""


def top_domains(
    reader: ReadOnlyConnection, threshold: float, *, posts: int = 10_000, limit: int = 15
) -> list[dict[str, Any]]:
    """The most linked domains among the latest ``posts`` posts of at least this probability."""
    return reader.execute(_DOMAINS, {"threshold": threshold, "posts": posts, "limit": limit}).fetchall()


def dead_letter_reasons(reader: ReadOnlyConnection) -> list[dict[str, Any]]:
    """Dead letters that were not replayed yet, by stage and reason; of the latest 100,000."""
    return reader.execute(_REASONS).fetchall()
