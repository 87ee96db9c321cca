"""The table ``dead_letter``: what a workload could not process, and what became of it since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pyarrow as pa

from include.errors import UserError

STAGES = ("parse", "score", "transform")
"""Stages at which the stream gives a message up."""

_SELECTED = """
FROM dead_letter WHERE replayed_at IS NULL AND workload = %(workload)s AND stage = ANY(%(stages)s)
AND (%(reason)s::text IS NULL OR reason = %(reason)s)
"""
_PAGE = f"""
SELECT topic, kafka_partition, kafka_offset, created_at, key, value {_SELECTED}
AND (topic, kafka_partition, kafka_offset) > (%(after_topic)s, %(after_partition)s, %(after_offset)s)
ORDER BY topic, kafka_partition, kafka_offset LIMIT %(page)s
"""
_RESOLVE = """
UPDATE dead_letter d SET replayed_at = now(), replayed_by = %(run)s, attempts = attempts + 1,
                         last_attempt_at = now(), last_reason = NULL
FROM unnest(%(topics)s::text[], %(partitions)s::integer[], %(offsets)s::bigint[])
    AS f (topic, kafka_partition, kafka_offset)
WHERE d.workload = %(workload)s AND d.replayed_at IS NULL
  AND (d.topic, d.kafka_partition, d.kafka_offset) = (f.topic, f.kafka_partition, f.kafka_offset)
"""
_COUNT_FAILURE = """
UPDATE dead_letter d SET attempts = attempts + 1, last_attempt_at = now(), last_reason = f.reason
FROM unnest(%(topics)s::text[], %(partitions)s::integer[], %(offsets)s::bigint[], %(reasons)s::text[])
    AS f (topic, kafka_partition, kafka_offset, reason)
WHERE d.workload = %(workload)s AND d.replayed_at IS NULL
  AND (d.topic, d.kafka_partition, d.kafka_offset) = (f.topic, f.kafka_partition, f.kafka_offset)
"""


@dataclass(frozen=True)
class Selection:
    """Dead letters of a workload: by stage, by reason (None for any), at most ``limit``."""

    workload: str
    stage: str | None = None
    reason: str | None = None
    limit: int = 10_000

    def __post_init__(self) -> None:
        if self.stage is not None and self.stage not in STAGES:
            raise UserError(f"stage {self.stage!r} is none of: {', '.join(STAGES)}")

    def values(self) -> dict[str, Any]:
        """The parameters of the statements."""
        stages = [self.stage] if self.stage else list(STAGES)
        return {"workload": self.workload, "stages": stages, "reason": self.reason}


def pending(connection: psycopg.Connection, selection: Selection) -> dict[str, int]:
    """Unresolved dead letters of the selection by ``<stage>: <reason>``, whatever its limit."""
    query = f"SELECT stage || ': ' || reason, count(*) {_SELECTED} GROUP BY 1 ORDER BY 2 DESC, 1"
    return dict(connection.execute(query, selection.values()).fetchall())


def pages(connection: psycopg.Connection, selection: Selection, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """The selected dead letters in order of their positions, each once, at most ``size`` at a time.

    Rows of topic, partition, offset, time, key and value.
    """
    values, left = selection.values(), selection.limit
    after = {"after_topic": "", "after_partition": 0, "after_offset": 0}
    while left > 0:
        rows = connection.execute(_PAGE, {**values, **after, "page": min(left, size)}).fetchall()
        if not rows:
            return
        yield rows
        left -= len(rows)
        after = dict(zip(after, rows[-1][:3], strict=True))


def resolve(connection: psycopg.Connection, workload: str, results: pa.RecordBatch, run: str) -> int:
    """Mark the dead letters at the positions of these results; how many there were."""
    values = {**_positions(workload, results), "run": run}
    return connection.execute(_RESOLVE, values).rowcount


def count_failures(connection: psycopg.Connection, workload: str, dead: pa.RecordBatch) -> list[str]:
    """Remember that these (DEAD) failed once more; their reasons now."""
    reasons = dead.column("reason").to_pylist()
    connection.execute(_COUNT_FAILURE, {**_positions(workload, dead), "reasons": reasons})
    return reasons


def _positions(workload: str, batch: pa.RecordBatch) -> dict[str, Any]:
    columns = {"topics": "topic", "partitions": "kafka_partition", "offsets": "kafka_offset"}
    lists = {name: batch.column(column).to_pylist() for name, column in columns.items()}
    return {"workload": workload, **lists}
