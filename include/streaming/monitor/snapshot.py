"""How a workload is at one moment, read from what the stream leaves in Postgres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from include.infra.kafka.offsets import Positions, from_json

WINDOW_SECONDS = 300
"""The dead-letter rate is that of the last five minutes."""

OVERLAP_SECONDS = 120
"""A dead letter's time is when its transaction began: it may become visible so much later."""

# What is behind since when: the first row after the last one that said that nothing is left to do.
_READING = """
WITH last_progress AS (
    SELECT * FROM stream_progress WHERE workload = %(workload)s ORDER BY id DESC LIMIT 1
), last_batch AS (
    SELECT * FROM stream_progress WHERE workload = %(workload)s AND posts > 0 AND durations_ms <> '{}'
    ORDER BY id DESC LIMIT 1
), behind AS (
    SELECT min(created_at) AS since FROM stream_progress
    WHERE workload = %(workload)s AND (lag > 0 OR lag IS NULL) AND id > coalesce((
        SELECT id FROM stream_progress WHERE workload = %(workload)s AND lag = 0 ORDER BY id DESC LIMIT 1
    ), 0)
), recent AS (
    SELECT coalesce(sum(posts), 0)::bigint AS posts, coalesce(sum(dead_letters), 0)::bigint AS dead_letters,
           coalesce(sum(posts) FILTER (WHERE committed_at > now() - interval '1 minute'), 0)::bigint
               AS posts_per_minute
    FROM stream_commit
    WHERE workload = %(workload)s AND committed_at > now() - make_interval(secs => %(window)s)
), last_commit AS (
    SELECT max(committed_at) AS at FROM stream_commit WHERE workload = %(workload)s
)
SELECT now() AS at, coalesce(w.running, false) AS wanted, p.status, p.lag,
       b.details AS batch_details, b.durations_ms, b.posts AS batch_posts, b.process_rate, b.input_rate,
       coalesce(nullif(p.details -> 'lag', 'null'), b.details -> 'lag') AS lag_by_partition,
       extract(epoch FROM now() - greatest(p.created_at, w.changed_at))::float8 AS silence,
       extract(epoch FROM now() - c.at)::float8 AS since_commit,
       extract(epoch FROM now() - greatest(behind.since, c.at))::float8 AS stuck,
       behind.since IS NOT NULL AS is_behind,
       recent.posts, recent.dead_letters, recent.posts_per_minute
FROM recent, behind, last_commit c
LEFT JOIN last_progress p ON true
LEFT JOIN last_batch b ON true
LEFT JOIN stream_wanted w ON w.workload = %(workload)s
"""
_SOURCE_ERRORS = """
SELECT value FROM dead_letter
WHERE reason = 'source error' AND stage = 'parse' AND topic = ANY(%(topics)s) AND replayed_at IS NULL
  AND created_at > coalesce(%(since)s, now() - make_interval(secs => %(window)s))
                   - make_interval(secs => %(overlap)s)
ORDER BY created_at DESC LIMIT 1000
"""


@dataclass(frozen=True)
class Reading:
    """A workload's state.

    Attributes:
        at: the database's clock.
        wanted: whether it is to run.
        status: its own last word; None where it never said one.
        silence: seconds since then.
        stuck: seconds since posts wait and none was committed; 0 where none wait.
        posts, dead_letters: of the last WINDOW_SECONDS.
        durations_ms: the last batch's, by stage.
        score_seconds: what its tasks spent with the model, together.
        source_errors: raw messages in which the source reports an error, the newest first.
    """

    workload: str
    at: datetime
    wanted: bool
    status: str | None
    silence: float | None
    lag: int | None
    lag_by_partition: Positions
    stuck: float
    since_commit: float | None
    posts: int
    dead_letters: int
    posts_per_minute: int
    input_rate: float | None
    process_rate: float | None
    batch_posts: int
    durations_ms: Mapping[str, float] = field(default_factory=dict)
    score_seconds: float | None = None
    model_version: int | None = None
    source_errors: tuple[bytes, ...] = ()

    @property
    def dead_letter_rate(self) -> float:
        """Share of the last five minutes' messages that became dead letters."""
        return self.dead_letters / max(1, self.posts + self.dead_letters)


def read(
    connection: psycopg.Connection, workload: str, topics: tuple[str, ...], errors_since: datetime | None
) -> Reading:
    """The state now; ``errors_since``: the last look, None at the first, which goes back WINDOW_SECONDS."""
    cursor = connection.cursor(row_factory=dict_row)
    row = cursor.execute(_READING, {"workload": workload, "window": WINDOW_SECONDS}).fetchone()
    assert row is not None
    errors = cursor.execute(
        _SOURCE_ERRORS,
        {"topics": list(topics), "since": errors_since, "window": WINDOW_SECONDS, "overlap": OVERLAP_SECONDS},
    ).fetchall()
    return _reading(workload, row, tuple(error["value"] for error in errors))


def _reading(workload: str, row: dict[str, Any], errors: tuple[bytes, ...]) -> Reading:
    details = row["batch_details"] or {}
    batch_durations = {f"spark {stage}": ms for stage, ms in (row["durations_ms"] or {}).items()}
    parts = {part: 1000 * seconds for part, seconds in details.get("seconds", {}).items()}
    return Reading(
        workload=workload,
        at=row["at"],
        wanted=row["wanted"],
        status=row["status"],
        silence=row["silence"],
        lag=row["lag"],
        lag_by_partition=from_json(row["lag_by_partition"] or {}),
        stuck=row["stuck"] if row["is_behind"] else 0.0,
        since_commit=row["since_commit"],
        posts=row["posts"],
        dead_letters=row["dead_letters"],
        posts_per_minute=row["posts_per_minute"],
        input_rate=row["input_rate"],
        process_rate=row["process_rate"],
        batch_posts=row["batch_posts"] or 0,
        durations_ms={**batch_durations, **parts},
        score_seconds=details.get("score_seconds"),
        model_version=details.get("model_version"),
        source_errors=errors,
    )
