"""A runner of the engine without Spark, for a test: tasks in two plain processes, fed by confluent-kafka.

    python -m tests.support.streaming.plain_runner <workload>

It processes what is in the topics now, and prints one line of JSON: batches, and whether any of its
processes has imported pyspark.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from queue import SimpleQueue

import pyarrow as pa
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import make_consumer
from include.infra.kafka.offsets import Positions, behind, total
from include.infra.postgres.connection import connect
from include.settings import Settings, get_settings
from include.streaming.engine.batch import BatchRunner
from include.streaming.engine.batch_lock import BatchLock
from include.streaming.engine.messages import MESSAGES
from include.streaming.engine.readiness import Readiness
from include.streaming.engine.task import ScoreTask
from include.streaming.registry import workload_named
from include.streaming.scorers.plan import current_plan, scorer_name
from include.streaming.sinks.base import Batch, Receipt
from include.streaming.sinks.batch_sink import BatchStage
from include.streaming.sinks.factory import make_sink
from include.streaming.state.lease import Lease, renewed
from include.streaming.state.reporter import Reporter
from include.streaming.workload import Workload

PROCESSES = 2
AT_ONCE = 2_000
"""Messages of one Arrow batch."""
PER_PARTITION = 5_000
"""Messages of a batch."""

Range = tuple[str, int, int, int]
"""Topic, partition, first offset, end."""


def main(name: str) -> int:
    settings = get_settings()
    workload = workload_named(name, settings)
    lease = Lease(settings, name)
    with connect(settings) as connection:
        lease.acquire(connection)
    with renewed(lease), ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        batches = run(settings, workload, lease, pool)
        imported = [*pool.map(has_pyspark, range(PROCESSES)), has_pyspark(0)]
    print(json.dumps({"batches": batches, "pyspark": any(imported)}), flush=True)
    return 0


def run(settings: Settings, workload: Workload, lease: Lease, pool: ProcessPoolExecutor) -> int:
    """Process the topics to their present end; how many batches that took."""
    reporter = Reporter(settings, workload, SimpleQueue(), threading.Event())
    scorer = scorer_name(workload, settings)
    start = Readiness(settings, workload, scorer, lease, reporter, threading.Event(), "earliest").await_all()
    sink = make_sink(workload, settings, lease)
    sink.start()
    runner = BatchRunner(workload, settings, sink, BatchLock(), start.topic_ids)
    done, goal = start.positions, Broker(settings).highs(workload.topics(settings))
    query_id, number = f"plain-{uuid.uuid4().hex}", 0
    while total(behind(done, goal)):
        ends = planned(done, goal)

        def run_tasks(
            stage: BatchStage, committed: Positions, done: Positions = done, ends: Positions = ends
        ) -> list[Receipt]:
            plan = current_plan(workload, settings, scorer)
            task = ScoreTask(settings, workload.name, plan, stage, committed)
            shares = [ranges(done, ends)[share::PROCESSES] for share in range(PROCESSES)]
            work = [pool.submit(run_task, task, share, attempt) for attempt, share in enumerate(shares)]
            return [Receipt.from_json(one.result()) for one in work]

        runner.run(Batch(workload.name, query_id, number), ends, run_tasks)
        done, number = ends, number + 1
    runner.committer.close()
    while not runner.committer.settled(60):
        pass
    if problem := runner.committer.problem():
        raise problem
    return number


def planned(done: Positions, goal: Positions) -> Positions:
    return {
        topic: {part: min(end, done[topic][part] + PER_PARTITION) for part, end in parts.items()}
        for topic, parts in goal.items()
    }


def ranges(done: Positions, ends: Positions) -> list[Range]:
    return [(t, p, done[t][p], end) for t, parts in ends.items() for p, end in parts.items()]


def run_task(task: ScoreTask, share: list[Range], attempt: int) -> str:
    """In a process of the pool; the receipt as JSON."""
    return task.run(read(task.settings, share), attempt).to_json()


def read(settings: Settings, share: list[Range]) -> Iterator[pa.RecordBatch]:
    """The messages of these ranges."""
    consumer = make_consumer(
        settings,
        {
            "group.id": "plain-runner",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        },
    )
    try:
        for topic, partition, first, end in share:
            consumer.assign([TopicPartition(topic, partition, first)])
            reached = first
            while reached < end:
                found = consumer.consume(AT_ONCE, 0.5)
                reached = max([reached, *map(behind_message, found)])
                if within := [one for one in found if not one.error() and (one.offset() or 0) < end]:
                    yield arrow(within)
    finally:
        consumer.close()


def behind_message(message: Message) -> int:
    """The next offset; that of the end, behind what a transaction ends with, is told as an error."""
    error = message.error()
    if error and error.code() != KafkaError._PARTITION_EOF:
        raise KafkaException(error)
    return (message.offset() or 0) + (0 if message.error() else 1)


def arrow(messages: list[Message]) -> pa.RecordBatch:
    rows = [
        (one.topic(), one.partition(), one.offset(), one.timestamp()[1] * 1000, one.key(), one.value())
        for one in messages
    ]
    columns = zip(*rows, strict=True)
    return pa.record_batch(
        [
            pa.array(column, pa.int64()).view(field.type)
            if pa.types.is_timestamp(field.type)
            else pa.array(column, field.type)
            for column, field in zip(columns, MESSAGES, strict=True)
        ],
        schema=MESSAGES,
    )


def has_pyspark(_: int) -> bool:
    return "pyspark" in sys.modules


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
