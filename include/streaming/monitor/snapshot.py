"""The state of a workload at one moment, read from what its stream leaves in Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from include.infra.kafka.offsets import Positions, from_json
from include.streaming.decoding import SOURCE_ERROR
from include.streaming.workload import SourceError

WINDOW_SECONDS = 300
"""The dead-letter rate is that of the last five minutes."""

OVERLAP_SECONDS = 120
"""A dead letter's time is when its transaction began; it may become visible this much later."""

COMMON_COUNTS = frozenset({"rows", "dead_letters", "score_seconds"})
"""Counts that every workload has; they have metrics of their own."""

# Since when messages wait: the first row after the last one that reported that nothing is left to do.
# The newest row of a workload is asked for by BETWEEN, so that the order is that of the index (workload, id):
# with an equality PostgreSQL may walk back through all rows of other workloads by their ids.
_SNAPSHOT = """
WITH last_progress AS (
    SELECT * FROM stream_progress WHERE workload BETWEEN %(workload)s AND %(workload)s
    ORDER BY workload, id DESC LIMIT 1
), last_batch AS (
    SELECT * FROM stream_progress
    WHERE workload BETWEEN %(workload)s AND %(workload)s AND posts > 0 AND durations_ms <> '{}'
    ORDER BY workload, id DESC LIMIT 1
), behind AS (
    SELECT (SELECT created_at FROM stream_progress
            WHERE workload BETWEEN %(workload)s AND %(workload)s AND (lag > 0 OR lag IS NULL)
              AND id > coalesce((
                SELECT id FROM stream_progress
                WHERE workload BETWEEN %(workload)s AND %(workload)s AND lag = 0
                ORDER BY workload, id DESC LIMIT 1
            ), 0)
            ORDER BY workload DESC, id LIMIT 1) AS since
), recent AS (
    SELECT coalesce(sum(posts), 0)::bigint AS posts, coalesce(sum(dead_letters), 0)::bigint AS dead_letters,
           coalesce(sum(posts) FILTER (WHERE committed_at > now() - interval '1 minute'), 0)::bigint
               AS posts_per_minute
    FROM stream_commit
    WHERE workload = %(workload)s AND committed_at > now() - make_interval(secs => %(window)s)
), last_commit AS (
    SELECT (SELECT committed_at FROM stream_commit WHERE workload BETWEEN %(workload)s AND %(workload)s
            ORDER BY workload, id DESC LIMIT 1) AS at
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
_SOURCE_ERRORS = f"""
SELECT value FROM dead_letter
WHERE reason = '{SOURCE_ERROR}' AND stage = 'parse' AND workload = %(workload)s AND replayed_at IS NULL
  AND created_at > coalesce(%(since)s, now() - make_interval(secs => %(window)s))
                   - make_interval(secs => %(overlap)s)
ORDER BY created_at DESC LIMIT 1000
"""  # noqa: S608 - a constant, so that the planner finds the index for this reason
_REPORTS = """
SELECT DISTINCT report FROM (
    SELECT reports FROM stream_commit
    WHERE workload = %(workload)s AND reports <> '{}'
      AND committed_at > coalesce(%(since)s, now() - make_interval(secs => %(window)s))
                         - make_interval(secs => %(overlap)s)
) AS recent, jsonb_object_keys(reports) AS report
ORDER BY report LIMIT 1000
"""
_LOSSES = """
SELECT coalesce(sum(end_offset - first_offset), 0)::bigint,
       coalesce(array_agg(format('%%s[%%s]: %%s messages, from position %%s to before %%s', topic,
                                 kafka_partition, end_offset - first_offset, first_offset, end_offset)
                          ORDER BY id)
           FILTER (WHERE noticed_at > coalesce(%(since)s, now() - make_interval(secs => %(window)s))
                                      - make_interval(secs => %(overlap)s)), '{}')
FROM stream_loss WHERE workload = %(workload)s
"""
_MONITORED = """
SELECT name FROM unnest(%(names)s::text[]) WITH ORDINALITY AS known (name, number)
WHERE EXISTS (SELECT FROM stream_wanted WHERE workload = name)
   OR EXISTS (SELECT FROM stream_progress WHERE workload = name)
   OR EXISTS (SELECT FROM stream_commit WHERE workload = name)
ORDER BY number
"""


@dataclass(frozen=True)
class StreamSnapshot:
    """A workload's state.

    Attributes:
        at: the database's clock.
        wanted: whether it is to run.
        status: what it reported last; None where it never reported anything.
        silence: seconds since then.
        stuck: seconds since messages wait and none was committed; 0 where none wait.
        posts, dead_letters: messages of the last WINDOW_SECONDS that were scored, and that could not be.
        durations_ms: the last batch's, by stage.
        score_seconds: what its tasks spent with the model, together.
        counts: the workload's own counts of the last batch, by name.
        model_version: of the scorer that answered most of its rows; a number where it is one.
        source_errors: what the source reports as its own errors, the newest first.
        lost: messages that Kafka has ever deleted before they were read.
        losses: the losses noticed since the last snapshot, in words.
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
    counts: Mapping[str, float] = field(default_factory=dict)
    model_version: int | str | None = None
    source_errors: tuple[str, ...] = ()
    lost: int = 0
    losses: tuple[str, ...] = ()

    @property
    def dead_letter_rate(self) -> float:
        """Share of the last five minutes' messages that became dead letters."""
        return self.dead_letters / max(1, self.posts + self.dead_letters)


def monitored(connection: psycopg.Connection, names: Sequence[str]) -> list[str]:
    """Those of the workloads that are to run or have ever run, in the given order."""
    return [name for (name,) in connection.execute(_MONITORED, {"names": list(names)}).fetchall()]


def take_snapshot(
    connection: psycopg.Connection,
    workload: str,
    source_error: SourceError | None,
    since: datetime | None,
) -> StreamSnapshot:
    """The state now.

    Args:
        source_error: what a message that was refused reports as the source's own error; None: such messages
            are not read.
        since: when the last snapshot was taken; None at the first, which goes back WINDOW_SECONDS.
    """
    cursor = connection.cursor(row_factory=dict_row)
    row = cursor.execute(_SNAPSHOT, {"workload": workload, "window": WINDOW_SECONDS}).fetchone()
    assert row is not None
    errors = _reports(connection, workload, since)
    if source_error is not None:
        errors += _source_errors(connection, workload, source_error, since)
    lost, losses = _losses(connection, workload, since)
    return replace(_snapshot(workload, row), source_errors=errors, lost=lost, losses=losses)


def _losses(
    connection: psycopg.Connection, workload: str, since: datetime | None
) -> tuple[int, tuple[str, ...]]:
    values = {"workload": workload, "since": since, "window": WINDOW_SECONDS, "overlap": OVERLAP_SECONDS}
    row = connection.execute(_LOSSES, values).fetchone()
    assert row is not None
    return row[0], tuple(row[1])


def _reports(connection: psycopg.Connection, workload: str, since: datetime | None) -> tuple[str, ...]:
    """What sources report in messages that were processed all the same."""
    values = {"workload": workload, "since": since, "window": WINDOW_SECONDS, "overlap": OVERLAP_SECONDS}
    return tuple(report for (report,) in connection.execute(_REPORTS, values).fetchall())


def _source_errors(
    connection: psycopg.Connection, workload: str, source_error: SourceError, since: datetime | None
) -> tuple[str, ...]:
    values = {"workload": workload, "since": since, "window": WINDOW_SECONDS, "overlap": OVERLAP_SECONDS}
    messages = connection.execute(_SOURCE_ERRORS, values).fetchall()
    return tuple(filter(None, (source_error(message) for (message,) in messages)))


def _snapshot(workload: str, row: dict[str, Any]) -> StreamSnapshot:
    details = row["batch_details"] or {}
    batch_durations = {f"spark {stage}": ms for stage, ms in (row["durations_ms"] or {}).items()}
    parts = {part: 1000 * seconds for part, seconds in details.get("seconds", {}).items()}
    return StreamSnapshot(
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
        counts=_own_counts(details.get("counts", {})),
        model_version=details.get("model_version"),
    )


def _own_counts(counts: Mapping[str, float]) -> dict[str, float]:
    """The counts that only this workload has.

    >>> _own_counts({"rows": 5, "spam": 2})
    {'spam': 2}
    """
    return {name: count for name, count in counts.items() if name not in COMMON_COUNTS}
