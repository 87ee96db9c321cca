"""The table ``dead_letter``: what a workload could not classify, and what became of it since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pyarrow as pa

from include.errors import UserError
from include.settings import Settings
from include.streaming.workload import workload_named

STAGES = ("parse", "score")
"""Stages of the stream. Dead letters of a dataset's collection are not the stream's to replay."""

_CHOSEN = """
FROM dead_letter WHERE replayed_at IS NULL AND topic = ANY(%(topics)s) AND stage = ANY(%(stages)s)
AND (%(reason)s::text IS NULL OR reason = %(reason)s)
"""
_PAGE = f"""
SELECT topic, kafka_partition, kafka_offset, created_at, key, value, stage {_CHOSEN}
AND (topic, kafka_partition, kafka_offset, stage)
    > (%(after_topic)s, %(after_partition)s, %(after_offset)s, %(after_stage)s)
ORDER BY topic, kafka_partition, kafka_offset, stage LIMIT %(page)s
"""
_RESOLVE = """
UPDATE dead_letter d SET replayed_at = now(), replayed_by = %(run)s, attempts = attempts + 1,
                         last_attempt_at = now(), last_reason = NULL
FROM ai_tweets a
WHERE (d.topic, d.kafka_partition, d.kafka_offset) = (a.topic, a.kafka_partition, a.kafka_offset)
  AND d.replayed_at IS NULL AND d.stage = ANY(%(stages)s)
  AND (d.topic, d.kafka_partition, d.kafka_offset) IN (SELECT * FROM unnest(
      %(topics)s::text[], %(partitions)s::integer[], %(offsets)s::bigint[]))
"""
_COUNT_FAILURE = """
UPDATE dead_letter d SET attempts = attempts + 1, last_attempt_at = now(), last_reason = f.reason
FROM unnest(%(topics)s::text[], %(partitions)s::integer[], %(offsets)s::bigint[], %(reasons)s::text[])
    AS f (topic, kafka_partition, kafka_offset, reason)
WHERE (d.topic, d.kafka_partition, d.kafka_offset) = (f.topic, f.kafka_partition, f.kafka_offset)
  AND d.replayed_at IS NULL AND d.stage = ANY(%(stages)s)
"""


@dataclass(frozen=True)
class Choice:
    """Which dead letters of a workload: by stage, by reason (each None for any), at most ``limit``."""

    workload: str
    stage: str | None = None
    reason: str | None = None
    limit: int = 10_000

    def values(self, settings: Settings) -> dict[str, Any]:
        """What the statements are filled in with.

        Raises:
            UserError: an unknown workload, or a stage that is not the stream's.
        """
        if self.stage is not None and self.stage not in STAGES:
            raise UserError(f"stage {self.stage!r} is none of: {', '.join(STAGES)}")
        topics = workload_named(self.workload).topics(settings)
        stages = [self.stage] if self.stage else list(STAGES)
        return {"topics": list(topics), "stages": stages, "reason": self.reason}


def pending(connection: psycopg.Connection, choice: Choice, settings: Settings) -> dict[str, int]:
    """Unresolved dead letters of the choice by ``<stage>: <reason>``, whatever its limit."""
    query = f"SELECT stage || ': ' || reason, count(*) {_CHOSEN} GROUP BY 1 ORDER BY 2 DESC, 1"
    return dict(connection.execute(query, choice.values(settings)).fetchall())


def pages(
    connection: psycopg.Connection, choice: Choice, settings: Settings, size: int
) -> Iterator[list[tuple[Any, ...]]]:
    """The chosen dead letters in order of their positions, each once, at most ``size`` at a time.

    Rows of topic, partition, offset, time, key, value and stage.
    """
    values, left = choice.values(settings), choice.limit
    after = {"after_topic": "", "after_partition": 0, "after_offset": 0, "after_stage": ""}
    while left > 0:
        rows = connection.execute(_PAGE, {**values, **after, "page": min(left, size)}).fetchall()
        if not rows:
            return
        yield rows
        left -= len(rows)
        after = dict(zip(after, (*rows[-1][:3], rows[-1][6]), strict=True))


def resolve(connection: psycopg.Connection, results: pa.RecordBatch, run: str) -> int:
    """Mark the dead letters of posts (RESULT) that are in ``ai_tweets`` now; how many there were."""
    values = {**_positions(results), "run": run, "stages": list(STAGES)}
    return connection.execute(_RESOLVE, values).rowcount


def count_failures(connection: psycopg.Connection, dead: pa.RecordBatch) -> list[str]:
    """Remember that these (DEAD) failed once more; their reasons now."""
    reasons = dead.column("reason").to_pylist()
    connection.execute(_COUNT_FAILURE, {**_positions(dead), "reasons": reasons, "stages": list(STAGES)})
    return reasons


def _positions(batch: pa.RecordBatch) -> dict[str, list[Any]]:
    columns = {"topics": "topic", "partitions": "kafka_partition", "offsets": "kafka_offset"}
    return {name: batch.column(column).to_pylist() for name, column in columns.items()}
