"""The sink against a real Postgres: exactly once, whatever is done again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.sinks.base import DEAD, RESULT, Batch, Receipt
from include.streaming.sinks.postgres import PostgresSink, StagedRowsLost
from include.streaming.sinks.postgres_staging import PostgresStage
from include.streaming.state import commits
from include.streaming.state.lease import Lease, LeaseLost

pytestmark = pytest.mark.stack

WHEN = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def sink(database: Settings) -> Iterator[PostgresSink]:
    """A sink that holds the lease of a workload, and a topic, of its own: both named alike."""
    name = f"t_{uuid.uuid4().hex[:8]}"
    lease = Lease(database, name)
    with connect(database) as connection:
        lease.acquire(connection)
    yield PostgresSink(database, lease)
    with connect(database) as connection:
        for table, column in (
            ("ai_tweets", "topic"),
            ("dead_letter", "topic"),
            ("stream_commit", "workload"),
            ("stream_lease", "workload"),
        ):
            connection.execute(f"DELETE FROM {table} WHERE {column} = %s", [name])  # noqa: S608
        connection.execute("DELETE FROM links WHERE domain = %s", [name])


def rows(topic: str, offsets: range, links: list[str]) -> pa.RecordBatch:
    posts = [
        {
            "topic": topic, "kafka_partition": 0, "kafka_offset": offset, "id": str(offset),
            "created_at": None, "lang": None, "text": "x", "links": links, "domains": [topic] * len(links),
            "hashtags": [], "probability": 0.5, "model_version": 1, "arrived_at": WHEN,
        }
        for offset in offsets
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(posts, schema=RESULT)


def dead(topic: str, offsets: range) -> pa.RecordBatch:
    letters = [
        {
            "topic": topic, "kafka_partition": 0, "kafka_offset": offset, "stage": "parse", "reason": "r",
            "key": None, "value": b"\x00{",
        }
        for offset in offsets
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(letters, schema=DEAD)


def write(stage: PostgresStage, topic: str, attempt: int, offsets: range, bad: range = range(0)) -> Receipt:
    with stage.writer(attempt) as writer:
        writer.write(rows(topic, offsets, [f"https://{topic}/1"]), dead(topic, bad))
    end = max([*offsets, *bad], default=-1) + 1
    return Receipt(attempt, len(offsets), len(bad), {topic: {0: end}})


def ask(sink: PostgresSink, query: str) -> Any:
    with connect(sink.settings) as connection:
        row = connection.execute(query, {"topic": sink.lease.workload}).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


POSTS = "SELECT count(*) FROM ai_tweets WHERE topic = %(topic)s"
LETTERS = "SELECT count(*) FROM dead_letter WHERE topic = %(topic)s"
LINKED = "SELECT posts FROM links WHERE domain = %(topic)s"
STAGES = "SELECT count(*) FROM pg_class WHERE starts_with(relname, 'stream_stage_' || %(topic)s)"


def test_a_batch_is_moved_remembered_and_its_staging_dropped(sink: PostgresSink) -> None:
    name = sink.lease.workload
    batch = Batch(name, "q", 0)
    stage = sink.stage(batch)
    sink.commit(
        batch, stage, [write(stage, name, 1, range(5)), write(stage, name, 2, range(5, 7), range(7, 9))]
    )
    assert (ask(sink, POSTS), ask(sink, LETTERS), ask(sink, LINKED)) == (7, 2, 7)
    assert sink.has(batch)
    assert not sink.has(Batch(name, "q", 1))
    assert sink.committed() == {name: {0: 9}}
    assert ask(sink, STAGES) == 0


def test_positions_done_again_under_another_query_count_nothing_twice(sink: PostgresSink) -> None:
    name = sink.lease.workload
    for query_id, offsets in (("q", range(5)), ("other", range(3, 8))):
        batch = Batch(name, query_id, 0)
        stage = sink.stage(batch)
        sink.commit(batch, stage, [write(stage, name, 1, offsets)])
    assert (ask(sink, POSTS), ask(sink, LINKED)) == (8, 8)
    assert sink.committed() == {name: {0: 8}}


def test_rows_of_an_attempt_that_gave_no_receipt_stay_out(sink: PostgresSink) -> None:
    name = sink.lease.workload
    batch = Batch(name, "q", 0)
    stage = sink.stage(batch)
    write(stage, name, 1, range(5))
    sink.commit(batch, stage, [write(stage, name, 2, range(5))])
    assert (ask(sink, POSTS), ask(sink, LINKED)) == (5, 5)


def test_a_holder_that_lost_its_lease_commits_nothing(sink: PostgresSink) -> None:
    name = sink.lease.workload
    batch = Batch(name, "q", 0)
    stage = sink.stage(batch)
    receipt = write(stage, name, 1, range(5))
    with connect(sink.settings) as connection:
        connection.execute("UPDATE stream_lease SET holder = 'someone else' WHERE workload = %s", [name])
    with pytest.raises(LeaseLost):
        sink.commit(batch, stage, [receipt])
    assert sink.lease.lost.is_set()
    assert ask(sink, POSTS) == 0
    assert not sink.has(batch)


def test_staging_emptied_by_a_crash_of_postgres_is_noticed(sink: PostgresSink) -> None:
    name = sink.lease.workload
    batch = Batch(name, "q", 0)
    stage = sink.stage(batch)
    receipt = write(stage, name, 1, range(5))
    with connect(sink.settings) as connection:
        connection.execute(f"TRUNCATE {stage.name}_posts")  # type: ignore[call-overload]
    with pytest.raises(StagedRowsLost, match="holds 0 rows of this batch, not 5"):
        sink.commit(batch, stage, [receipt])
    assert not sink.has(batch)
    sink.start()
    assert ask(sink, STAGES) == 0


def test_the_latest_commits_survive_forgetting(sink: PostgresSink) -> None:
    name = sink.lease.workload
    with connect(sink.settings) as connection:
        commits.write_commit(connection, name, "q", 0, {name: {0: 4}})
        connection.execute(
            "UPDATE stream_commit SET committed_at = now() - interval '1 year' WHERE workload = %s", [name]
        )
        commits.forget_old(connection, name)
        assert commits.committed_positions(connection, name) == {name: {0: 4}}
