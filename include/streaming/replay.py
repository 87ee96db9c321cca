"""Replaying dead letters: their raw bytes go through the workload once more, in place.

What passes now becomes a row of ``ai_tweets`` under the message's own position, and its dead letter is
marked with time and run; what fails again stays, with a count. The position is the key, so a replay done
twice, or by two runs at once, leaves each post once. No message is sent to Kafka.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from include.database import connect
from include.errors import UserError
from include.settings import Settings, get_settings
from include.streaming.backoff import pauses
from include.streaming.classify import classify
from include.streaming.scorers.base import Scorer, make_scorer
from include.streaming.sinks.base import Receipt
from include.streaming.sinks.postgres import MOVE_POSTS
from include.streaming.sinks.postgres_stage import COLUMNS, copy_arrow
from include.streaming.workloads import Workload, workload_named

STAGES = ("parse", "score")
"""Stages of the stream. Dead letters of a dataset's collection are not the stream's to replay."""

CHUNK = 5_000
"""Dead letters of one transaction."""

MODEL_SECONDS = 60.0
"""How long an outage of the model is waited out here; a later try goes on where this one ended."""

MESSAGES = pa.schema(
    [
        pa.field("topic", pa.string()),
        pa.field("partition", pa.int32()),
        pa.field("offset", pa.int64()),
        pa.field("timestamp", pa.timestamp("us", "UTC")),
        pa.field("key", pa.binary()),
        pa.field("value", pa.binary()),
    ]
)
"""As the stream's tasks get them. The Kafka record's time is not kept: the dead letter's stands in."""

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


class ModelAway(Exception):
    """No model answers; the next try may find one."""


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


@dataclass
class Outcome:
    """What a replay came to: messages chosen, resolved, and failed again by their reason now."""

    chosen: int = 0
    resolved: int = 0
    failed: dict[str, int] = field(default_factory=dict)


def replay_dead_letters(
    choice: Choice, run: str, *, dry_run: bool, settings: Settings | None = None
) -> dict[str, Any]:
    """What the DAG's task calls; ``run`` names who resolved them. The outcome, or what would be replayed.

    Raises:
        UserError: see :meth:`Choice.values`.
        ModelAway: worth another try.
    """
    settings = settings or get_settings()
    if dry_run:
        return {"dry_run": True, "would_replay": pending(choice, settings)}
    done = replay(choice, run, settings)
    return {"chosen": done.chosen, "resolved": done.resolved, "failed_again": done.failed}


def pending(choice: Choice, settings: Settings) -> dict[str, int]:
    """Unresolved dead letters of the choice by ``<stage>: <reason>``, whatever its limit."""
    query = f"SELECT stage || ': ' || reason, count(*) {_CHOSEN} GROUP BY 1 ORDER BY 2 DESC, 1"
    with connect(settings) as connection:
        return dict(connection.execute(query, choice.values(settings)).fetchall())


def replay(choice: Choice, run: str, settings: Settings) -> Outcome:
    """Classify the chosen dead letters, one transaction per CHUNK."""
    workload, outcome = workload_named(choice.workload), Outcome()
    scorer = make_scorer(workload.scorer, settings)
    with connect(settings) as connection:
        for letters in _pages(connection, choice, settings):
            _await_model(scorer, outcome)
            _replay_page(connection, letters, workload, scorer, run, outcome)
            connection.commit()
    return outcome


def _await_model(scorer: Scorer, outcome: Outcome) -> None:
    deadline = time.monotonic() + MODEL_SECONDS
    for pause in pauses(longest=2):
        why = scorer.ready()
        if why is None:
            return
        if time.monotonic() > deadline:
            raise ModelAway(f"{outcome.resolved} dead letters are replayed; no model answers: {why}")
        time.sleep(pause)


def _pages(
    connection: psycopg.Connection, choice: Choice, settings: Settings
) -> Iterator[list[tuple[Any, ...]]]:
    """The chosen dead letters in order of their positions, each once."""
    values, left = choice.values(settings), choice.limit
    after = {"after_topic": "", "after_partition": 0, "after_offset": 0, "after_stage": ""}
    while left > 0:
        rows = connection.execute(_PAGE, {**values, **after, "page": min(left, CHUNK)}).fetchall()
        if not rows:
            return
        yield rows
        left -= len(rows)
        after = dict(zip(after, (*rows[-1][:3], rows[-1][6]), strict=True))


def _replay_page(
    connection: psycopg.Connection,
    letters: Sequence[tuple[Any, ...]],
    workload: Workload,
    scorer: Scorer,
    run: str,
    outcome: Outcome,
) -> None:
    columns = zip(*(letter[:6] for letter in letters), strict=True)
    arrays = [pa.array(column, wanted.type) for column, wanted in zip(columns, MESSAGES, strict=True)]
    results, dead = classify(pa.record_batch(arrays, schema=MESSAGES), scorer, Receipt(0))
    _add_posts(connection, results)
    resolved = connection.execute(_RESOLVE, {**_positions(results), "run": run, "stages": list(STAGES)})
    reasons = dead.column("reason").to_pylist()
    connection.execute(_COUNT_FAILURE, {**_positions(dead), "reasons": reasons, "stages": list(STAGES)})
    outcome.chosen += len(letters)
    outcome.resolved += resolved.rowcount
    for reason in reasons:
        outcome.failed[reason] = outcome.failed.get(reason, 0) + 1


def _add_posts(connection: psycopg.Connection, results: pa.RecordBatch) -> None:
    """As the stream's own commit does it: what is there already is left alone, links count once."""
    if not results.num_rows:
        return
    table = sql.Identifier("replayed_posts")
    connection.execute(
        sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DROP").format(table, sql.SQL(COLUMNS["posts"]))
    )
    rows = results.append_column("attempt", pa.repeat(pa.scalar(0, pa.int64()), results.num_rows))
    copy_arrow(connection, table, rows)
    connection.execute(sql.SQL(MOVE_POSTS).format(posts=table), {"attempts": [0]})


def _positions(batch: pa.RecordBatch) -> dict[str, list[Any]]:
    columns = {"topics": "topic", "partitions": "kafka_partition", "offsets": "kafka_offset"}
    return {name: batch.column(column).to_pylist() for name, column in columns.items()}
