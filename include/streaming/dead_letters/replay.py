"""Replaying dead letters: their raw bytes go through the workload once more, in place.

What passes now becomes a row of ``ai_tweets`` under the message's own position, and its dead letter is
marked with time and run; what fails again stays, with a count. The position is the key, so a replay done
twice, or by two runs at once, leaves each post once. No message is sent to Kafka.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from include.infra.postgres.connection import connect
from include.settings import Settings, get_settings
from include.streaming.backoff import pauses
from include.streaming.dead_letters.table import Choice, count_failures, pages, pending, resolve
from include.streaming.engine.task import classify
from include.streaming.scorers.base import Scorer
from include.streaming.scorers.factory import make_scorer
from include.streaming.sinks.base import Receipt
from include.streaming.sinks.postgres import MOVE_POSTS
from include.streaming.sinks.postgres_staging import COLUMNS, copy_arrow
from include.streaming.workload import workload_named

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


class ModelAway(Exception):
    """No model answers; the next try may find one."""


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
        with connect(settings) as connection:
            return {"dry_run": True, "would_replay": pending(connection, choice, settings)}
    done = replay(choice, run, settings)
    return {"chosen": done.chosen, "resolved": done.resolved, "failed_again": done.failed}


def replay(choice: Choice, run: str, settings: Settings) -> Outcome:
    """Classify the chosen dead letters, one transaction per CHUNK."""
    scorer, outcome = make_scorer(workload_named(choice.workload).scorer, settings), Outcome()
    with connect(settings) as connection:
        for letters in pages(connection, choice, settings, CHUNK):
            _await_model(scorer, outcome)
            _replay_page(connection, letters, scorer, run, outcome)
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


def _replay_page(
    connection: psycopg.Connection,
    letters: Sequence[tuple[Any, ...]],
    scorer: Scorer,
    run: str,
    outcome: Outcome,
) -> None:
    columns = zip(*(letter[:6] for letter in letters), strict=True)
    arrays = [pa.array(column, wanted.type) for column, wanted in zip(columns, MESSAGES, strict=True)]
    results, dead = classify(pa.record_batch(arrays, schema=MESSAGES), scorer, Receipt(0))
    _add_posts(connection, results)
    outcome.chosen += len(letters)
    outcome.resolved += resolve(connection, results, run)
    for reason in count_failures(connection, dead):
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
