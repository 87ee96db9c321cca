"""Positions in Kafka: what a transaction leaves behind, and topics that are not those that were read."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from queue import SimpleQueue

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import NewTopic

from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import admin_client
from include.infra.kafka.offsets import LostPositions
from include.infra.postgres.connection import connect
from include.settings import PROJECT_ROOT, Settings
from include.streaming.dead_letters.replay import replay_dead_letters
from include.streaming.dead_letters.table import Selection
from include.streaming.engine.batch import BatchRunner
from include.streaming.engine.batch_lock import BatchLock
from include.streaming.engine.readiness import Readiness, Start
from include.streaming.monitor.snapshot import take_snapshot
from include.streaming.registry import workload_named
from include.streaming.sinks.base import Batch
from include.streaming.sinks.factory import make_sink
from include.streaming.state import commits
from include.streaming.state.commits import Reached
from include.streaming.state.lease import Lease
from include.streaming.state.reporter import Reporter
from tests.support.streaming.kafka import await_positions, delete_before, send
from tests.support.streaming.workload_folders import with_workloads

pytestmark = pytest.mark.stack

WORKLOADS = PROJECT_ROOT / "tests" / "support" / "workloads"


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> str:
    """The topic that the workload ``numbers`` reads in this test."""
    name = f"numbers_{uuid.uuid4().hex[:8]}"
    monkeypatch.setenv("TWEETSIEVE_NUMBERS_TOPIC", name)
    return name


@pytest.fixture
def own(database: Settings, kafka: Settings) -> Iterator[Settings]:
    """Settings that know ``numbers``; what it left in the database is gone at the end."""
    settings = with_workloads(database, WORKLOADS)
    yield settings
    with connect(settings) as connection:
        for table in ("stream_commit", "stream_loss", "dead_letter", "stream_lease"):
            connection.execute(f"DELETE FROM {table} WHERE workload = 'numbers'")  # noqa: S608


@pytest.fixture
def lease(own: Settings) -> Iterator[Lease]:
    held = Lease(own, "numbers")
    with connect(own) as connection:
        held.acquire(connection)
    yield held
    held.release()


def start_of(settings: Settings, lease: Lease) -> Start:
    """Where a query would start now."""
    workload, stop = workload_named("numbers", settings), threading.Event()
    reporter = Reporter(settings, workload, SimpleQueue(), threading.Event())
    return Readiness(settings, workload, "arithmetic", lease, reporter, stop, "earliest").await_all()


def runner_of(settings: Settings, lease: Lease, start: Start) -> BatchRunner:
    workload = workload_named("numbers", settings)
    sink = make_sink(workload, settings, lease)
    sink.start()
    return BatchRunner(workload, settings, sink, BatchLock(), start.topic_ids)


def commit(settings: Settings, topic: str, offset: int) -> None:
    """A commit as one of before topic ids were kept."""
    with connect(settings) as connection:
        commits.write_commit(connection, "numbers", "q", 0, Reached({topic: {0: offset}}))


def recreate(settings: Settings, topic: str, messages: int) -> None:
    """Delete a topic, create it again, and send it so many messages."""
    admin = admin_client(settings)
    admin.delete_topics([topic])[topic].result(30)
    deadline = time.monotonic() + 60
    while True:
        try:
            admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
            break
        except KafkaException as problem:  # the deletion takes a moment
            if problem.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    send(settings, topic, [b"{}"] * messages)
    await_positions(settings, topic, messages)


def test_the_first_start_keeps_the_topics_id(own: Settings, lease: Lease, topic: str) -> None:
    start = start_of(own, lease)
    assert start.topic_ids == Broker(own).topic_ids([topic])
    assert start.topic_ids.keys() == {topic}
    with connect(own) as connection:
        assert commits.reached(connection, "numbers").topic_ids == start.topic_ids


def test_a_commit_from_before_ids_were_kept_is_taken_over_and_its_ids_learnt(
    own: Settings, lease: Lease, topic: str
) -> None:
    send(own, topic, [b"{}"] * 5)
    commit(own, topic, 3)
    start = start_of(own, lease)
    assert start.positions[topic][0] == 3
    with connect(own) as connection:
        assert commits.reached(connection, "numbers").topic_ids == Broker(own).topic_ids([topic])


@pytest.mark.parametrize("grown_to", [2, 5, 9])
def test_a_topic_that_was_created_again_is_noticed_however_far_it_has_grown(
    grown_to: int, own: Settings, lease: Lease, topic: str
) -> None:
    send(own, topic, [b"{}"] * 5)
    commit(own, topic, 5)
    start_of(own, lease)
    recreate(own, topic, grown_to)
    with pytest.raises(LostPositions, match=f"than those that were read: {topic}"):
        start_of(own, lease)
    with pytest.raises(LostPositions):
        replay_dead_letters(Selection("numbers"), "run", dry_run=False, settings=own)


def test_a_topic_created_again_while_a_batch_is_read_is_noticed_before_its_commit(
    own: Settings, lease: Lease, topic: str
) -> None:
    send(own, topic, [b"{}"] * 5)
    runner = runner_of(own, lease, start_of(own, lease))
    runner.run(Batch("numbers", "q", 0), {topic: {0: 3}}, lambda stage, committed: [])
    assert runner.committer.settled(30)
    assert runner.committer.problem() is None

    def read(stage: object, committed: object) -> list:
        recreate(own, topic, 9)
        return []

    runner.run(Batch("numbers", "q", 1), {topic: {0: 5}}, read)
    assert runner.committer.settled(30)
    assert isinstance(runner.committer.problem(), LostPositions)
    with connect(own) as connection:
        assert commits.committed_positions(connection, "numbers")[topic][0] == 3


def test_what_retention_deleted_unread_is_written_down_once_and_passed_over(
    own: Settings, lease: Lease, topic: str
) -> None:
    send(own, topic, [b"{}"] * 9)
    commit(own, topic, 3)
    delete_before(own, {topic: {0: 7}})
    for _ in range(2):
        assert start_of(own, lease).positions[topic][0] == 7
    with connect(own) as connection:
        found = connection.execute(
            "SELECT topic, kafka_partition, first_offset, end_offset FROM stream_loss"
            " WHERE workload = 'numbers'"
        ).fetchall()
        assert found == [(topic, 0, 3, 7)]
        assert commits.committed_positions(connection, "numbers")[topic][0] == 7
        snapshot = take_snapshot(connection, "numbers", None, None)
    assert snapshot.lost == 4
    assert snapshot.losses == (f"{topic}[0]: 4 messages, from position 3 to before 7",)
