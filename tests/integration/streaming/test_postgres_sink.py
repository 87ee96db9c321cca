"""The main database as a sink: exactly once, whatever is processed again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.sinks.base import DEAD, Batch, Receipt
from include.streaming.sinks.batch_sink import BatchSink, BatchStage
from include.streaming.sinks.postgres import MainDatabase
from include.streaming.sinks.staging import StagedRowsLost
from include.streaming.state import commits
from include.streaming.state.commits import Reached
from include.streaming.state.lease import Lease, LeaseLost
from include.workloads.ai_tweets.results import RESULTS, SCHEMA

pytestmark = pytest.mark.stack

WHEN = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def sink(database: Settings) -> Iterator[BatchSink]:
    """The sink of ``ai_tweets``, holding the lease of a workload, and a topic, both of one random name."""
    name = f"t_{uuid.uuid4().hex[:8]}"
    lease = Lease(database, name)
    with connect(database) as connection:
        lease.acquire(connection)
    yield BatchSink(database, lease, MainDatabase(database, lease, RESULTS))
    with connect(database) as connection:
        for table, column in (
            ("ai_tweets", "topic"),
            ("dead_letter", "topic"),
            ("stream_commit", "workload"),
            ("stream_lease", "workload"),
        ):
            connection.execute(f"DELETE FROM {table} WHERE {column} = %s", [name])  # noqa: S608
        connection.execute("DELETE FROM links WHERE domain = %s", [name])


def rows(topic: str, offsets: range, links: list[str], arrived_at: datetime = WHEN) -> pa.RecordBatch:
    posts = [
        {
            "topic": topic, "kafka_partition": 0, "kafka_offset": offset, "id": str(offset),
            "created_at": None, "lang": None, "text": "x", "links": links, "domains": [topic] * len(links),
            "hashtags": [], "probability": 0.5, "model_version": 1, "arrived_at": arrived_at,
        }
        for offset in offsets
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(posts, schema=SCHEMA)


def dead(topic: str, offsets: range) -> pa.RecordBatch:
    letters = [
        {
            "topic": topic, "kafka_partition": 0, "kafka_offset": offset, "stage": "parse", "reason": "r",
            "key": None, "value": b"\x00{",
        }
        for offset in offsets
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(letters, schema=DEAD)


def write(stage: BatchStage, topic: str, attempt: int, offsets: range, bad: range = range(0)) -> Receipt:
    with stage.writer(attempt) as writer:
        writer.write(rows(topic, offsets, [f"https://{topic}/1"]), dead(topic, bad))
    return Receipt(attempt, {"rows": len(offsets), "dead_letters": len(bad), "signals": 2})


def ends(topic: str, end: int) -> Reached:
    return Reached({topic: {0: end}}, {topic: "id"})


def ask(sink: BatchSink, query: str) -> Any:
    with connect(sink.settings) as connection:
        row = connection.execute(query, {"topic": sink.lease.workload}).fetchone()
    return row[0] if row else None


POSTS = "SELECT count(*) FROM ai_tweets WHERE topic = %(topic)s"
LINKED = "SELECT posts FROM links WHERE domain = %(topic)s"
STAGES = "SELECT count(*) FROM pg_class WHERE starts_with(relname, 'stream_stage_' || %(topic)s || '$')"
COMMITTED = "SELECT counts FROM stream_commit WHERE workload = %(topic)s"


def test_a_batch_is_taken_over_whole_and_remembered(sink: BatchSink) -> None:
    name = sink.lease.workload
    batch = Batch(name, "q", 0)
    assert not sink.has(batch)
    stage = sink.stage(batch)
    receipts = [write(stage, name, 1, range(5), range(5, 7)), write(stage, name, 2, range(7, 9))]
    sink.commit(batch, stage, receipts, ends(name, 9))
    assert (ask(sink, POSTS), ask(sink, LINKED)) == (7, 7)
    letters = "SELECT array_agg((workload, kafka_offset)::text) FROM dead_letter WHERE topic = %(topic)s"
    assert ask(sink, letters) == [f"({name},5)", f"({name},6)"]
    assert ask(sink, COMMITTED) == {"rows": 7, "dead_letters": 2, "signals": 4}
    assert sink.has(batch)
    assert not sink.has(Batch(name, "q", 1))
    assert sink.reached() == ends(name, 9)
    assert ask(sink, STAGES) == 0


def test_positions_processed_again_under_another_query_count_nothing_twice(sink: BatchSink) -> None:
    name = sink.lease.workload
    for query_id, offsets in (("q", range(5)), ("other", range(3, 8))):
        batch = Batch(name, query_id, 0)
        stage = sink.stage(batch)
        write(stage, name, 1, offsets)  # an attempt that failed later
        sink.commit(batch, stage, [write(stage, name, 2, offsets)], ends(name, offsets.stop))
    assert (ask(sink, POSTS), ask(sink, LINKED)) == (8, 8)
    assert sink.reached() == ends(name, 8)


def test_a_position_counts_once_also_where_its_time_is_another(sink: BatchSink) -> None:
    """As of a dead letter that was replayed, and whose position the stream then processes again."""
    name = sink.lease.workload
    for query_id, offsets, when in (
        ("replay", [2, 4], WHEN + timedelta(days=30)), ("q", range(6), WHEN),
        ("other", range(7), datetime.now(UTC)),
    ):  # fmt: skip
        batch = Batch(name, query_id, 0)
        stage = sink.stage(batch)
        with stage.writer(1) as writer:
            for offset in offsets:
                one = range(offset, offset + 1)
                writer.write(rows(name, one, [f"https://{name}/1"], when), dead(name, range(0)))
        sink.commit(batch, stage, [Receipt(1, {"rows": len(offsets)})], ends(name, 7))
    assert (ask(sink, POSTS), ask(sink, LINKED)) == (7, 7)


def test_rows_of_any_time_are_taken(sink: BatchSink) -> None:
    """Who publishes a message chooses its time."""
    name = sink.lease.workload
    batch = Batch(name, "q", 0)
    stage = sink.stage(batch)
    with stage.writer(1) as writer:
        for offset, year in enumerate((1970, 2026, 9999)):
            at = datetime(year, 1, 1, tzinfo=UTC)
            writer.write(rows(name, range(offset, offset + 1), [], at), dead(name, range(0)))
    sink.commit(batch, stage, [Receipt(1, {"rows": 3})], ends(name, 3))
    assert ask(sink, POSTS) == 3


def test_of_ten_thousand_links_a_hundred_count(sink: BatchSink) -> None:
    name = sink.lease.workload
    stage = sink.stage(Batch(name, "q", 0))
    links = [f"https://{name}/{number}" for number in range(10_000)]
    with stage.writer(1) as writer:
        writer.write(rows(name, range(1), links), dead(name, range(0)))
    sink.commit(Batch(name, "q", 0), stage, [Receipt(1, {"rows": 1})], ends(name, 1))
    assert ask(sink, "SELECT cardinality(links) FROM ai_tweets WHERE topic = %(topic)s") == 10_000
    assert ask(sink, "SELECT count(*) FROM links WHERE domain = %(topic)s") == 100


def test_rows_of_an_attempt_that_gave_no_receipt_stay_out(sink: BatchSink) -> None:
    name = sink.lease.workload
    batch = Batch(name, "q", 0)
    stage = sink.stage(batch)
    write(stage, name, 1, range(5))
    sink.commit(batch, stage, [write(stage, name, 2, range(5))], ends(name, 5))
    assert (ask(sink, POSTS), ask(sink, LINKED)) == (5, 5)


def test_a_holder_that_lost_its_lease_commits_nothing(sink: BatchSink) -> None:
    name = sink.lease.workload
    batch = Batch(name, "q", 0)
    stage = sink.stage(batch)
    receipt = write(stage, name, 1, range(5))
    with connect(sink.settings) as connection:
        connection.execute("UPDATE stream_lease SET holder = 'someone else' WHERE workload = %s", [name])
    with pytest.raises(LeaseLost):
        sink.commit(batch, stage, [receipt], ends(name, 5))
    assert sink.lease.lost.is_set()
    assert ask(sink, POSTS) == 0
    assert not sink.has(batch)


def test_staging_emptied_by_a_crash_of_postgres_is_noticed(sink: BatchSink) -> None:
    name = sink.lease.workload
    batch = Batch(name, "q", 0)
    stage = sink.stage(batch)
    receipt = write(stage, name, 1, range(5))
    with connect(sink.settings) as connection:
        connection.execute(f'TRUNCATE "{stage.main.name}_rows"')
    with pytest.raises(StagedRowsLost, match="holds 0 rows of this batch, not 5"):
        sink.commit(batch, stage, [receipt], ends(name, 5))
    assert not sink.has(batch)
    sink.start()
    assert ask(sink, STAGES) == 0


def test_staging_of_a_workload_whose_name_begins_alike_is_left_alone(sink: BatchSink) -> None:
    name = sink.lease.workload
    stage = sink.stage(Batch(name, "q", 0))
    MainDatabase(sink.settings, Lease(sink.settings, name[:-1]), None).start()
    assert ask(sink, STAGES) == 2
    sink.start()
    assert ask(sink, STAGES) == 0
    assert stage


def test_topic_ids_are_learnt_once_and_kept(sink: BatchSink) -> None:
    """A commit from before ids were kept has none; one that is there is what positions belong to."""
    name = sink.lease.workload
    with connect(sink.settings) as connection:
        commits.write_commit(connection, name, "q", 0, Reached({name: {0: 4}, "b": {0: 1}}))
        commits.learn_topic_ids(connection, name, {name: "first"})
        commits.learn_topic_ids(connection, name, {name: "second", "b": "third"})
        commits.write_commit(connection, name, "q", 1, Reached({name: {0: 5}}))
        found = commits.reached(connection, name)
    assert found == Reached({name: {0: 5}, "b": {0: 1}}, {name: "first", "b": "third"})
