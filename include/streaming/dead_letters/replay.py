"""Replaying dead letters: their raw bytes go through the workload once more, in place.

What passes now goes to the workload's sinks under the message's own position, and its dead letter is marked
with time and run; what fails again stays, with a count. The position is the key, so that a replay that is
repeated, or two at once, leave each row once in a database. In files and in Kafka a row may come twice,
after a replay that broke off. No message is sent to the workload's topics.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pyarrow as pa

from include.infra.kafka.admin import Broker
from include.infra.kafka.offsets import refuse_recreated
from include.infra.postgres.connection import connect
from include.settings import Settings, get_settings
from include.streaming.dead_letters.processing import processing
from include.streaming.dead_letters.table import Selection, count_failures, pages, pending, resolve
from include.streaming.engine.messages import MESSAGES
from include.streaming.registry import workload_named
from include.streaming.scorers.plan import scorer_name
from include.streaming.sinks.factory import make_replay_sink
from include.streaming.sinks.files import REPLAY
from include.streaming.state.commits import reached
from include.streaming.workload import Workload
from include.task_log import log_result

PAGE = 5_000
"""Dead letters of one transaction."""


@dataclass
class Outcome:
    """How a replay ended: messages chosen, resolved, and failed again by their reason now."""

    chosen: int = 0
    resolved: int = 0
    failed: dict[str, int] = field(default_factory=dict)


def replay_dead_letters(
    selection: Selection,
    run: str,
    *,
    dry_run: bool,
    scorer: str | None = None,
    settings: Settings | None = None,
) -> dict[str, Any]:
    """What the DAG's task calls: the outcome, or what would be replayed.

    Args:
        run: names who resolved them.
        scorer: one of the workload's by name; None: as the settings say.

    Raises:
        UserError: an unknown workload or scorer.
        LostPositions: see :func:`replay`.
        ModelAway: worth another try.
    """
    settings = settings or get_settings()
    workload = workload_named(selection.workload, settings)
    scorer_name(workload, settings, scorer)  # a dry run refuses a wrong name as well
    if dry_run:
        with connect(settings) as connection:
            found = pending(connection, selection)
        listed = [f"- {reason}: {count:,}" for reason, count in found.items()]
        told = f"{sum(found.values()):,} dead letters of {workload.name} would be replayed (a dry run)"
        log_result("\n".join([told, *listed]))
        return {"dry_run": True, "would_replay": found}
    done = replay(workload, selection, run, settings, scorer)
    told = f"{done.chosen:,} dead letters of {workload.name} replayed, {done.resolved:,} resolved"
    log_result("\n".join([told, *(f"- failed again: {why}: {n:,}" for why, n in done.failed.items())]))
    return {"chosen": done.chosen, "resolved": done.resolved, "failed_again": done.failed}


def replay(
    workload: Workload, selection: Selection, run: str, settings: Settings, scorer: str | None = None
) -> Outcome:
    """Process the selected dead letters, one transaction per PAGE.

    Raises:
        LostPositions: a topic was deleted and created again, so that a dead letter's position may be that of
            another message by now.
        ModelAway: no model answers; the pages before are done.
    """
    outcome = Outcome()
    with processing(workload, settings, scorer) as process, connect(settings) as connection:
        _check_topics(connection, workload, settings)
        sink = make_replay_sink(workload, settings, f"{REPLAY}{uuid.uuid4().hex}")
        for letters in pages(connection, selection, PAGE):
            results, dead = process(_messages(letters))
            sink.add(connection, results)
            _note(connection, workload.name, results, dead, run, outcome)
            connection.commit()
    return outcome


def _check_topics(connection: psycopg.Connection, workload: Workload, settings: Settings) -> None:
    known = reached(connection, workload.name).topic_ids
    refuse_recreated(known, Broker(settings).topic_ids(workload.topics(settings)))


def _messages(letters: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
    """As tasks get them. The Kafka record's time is not kept: the dead letter's stands in."""
    columns = zip(*letters, strict=True)
    arrays = [pa.array(column, wanted.type) for column, wanted in zip(columns, MESSAGES, strict=True)]
    return pa.record_batch(arrays, schema=MESSAGES)


def _note(
    connection: psycopg.Connection,
    workload: str,
    results: pa.RecordBatch,
    dead: pa.RecordBatch,
    run: str,
    outcome: Outcome,
) -> None:
    outcome.chosen += results.num_rows + dead.num_rows
    outcome.resolved += resolve(connection, workload, results, run)
    for reason in count_failures(connection, workload, dead):
        outcome.failed[reason] = outcome.failed.get(reason, 0) + 1
