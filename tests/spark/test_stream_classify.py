"""A batch through Spark's own workers: decode, score over HTTP, COPY, one commit."""

from __future__ import annotations

import gc
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from include.infra.kafka.connection import spark_options
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.engine.batch import BatchRunner
from include.streaming.engine.batch_lock import BatchLock
from include.streaming.engine.committer import Committer
from include.streaming.engine.spark.query import SparkBatches
from include.streaming.engine.spark.warmup import Warmup
from include.streaming.registry import workload_named
from include.streaming.sink_choices import SinkChoice, ToFiles, ToKafka, ToPostgres
from include.streaming.sinks.factory import make_sink
from include.streaming.state.lease import Lease
from include.streaming.state.share_ledger import change_shares
from include.streaming.traffic_shares import share_of
from tests.support.streaming.workload_folders import with_workloads, write_workload

pytestmark = [pytest.mark.stack, pytest.mark.spark]

SOURCE = """
from dataclasses import replace
from include.streaming.workload import Route
from include.workloads.ai_tweets.workload import WORKLOAD as POSTS

stable = replace(POSTS.scorers["tf_serving"], batch=4)
WORKLOAD = replace(
    POSTS,
    name="{name}",
    topics=lambda settings: ("{name}",),
    scorers={{"canary": replace(stable, label="canary"), "stable": stable}},
    promoted=False,
    route=Route("id", {{"canary": 0.0, "stable": 1.0}}),
)
"""
"""Posts, by the stand-in server's two labels."""


class ModelServer(BaseHTTPRequestHandler):
    """Fails at first, refuses 'poison', answers 'hollow' with NaN and all else with 0.75.

    Version 9 answers for the label ``stable``, 10 for ``canary``.
    """

    protocol_version = "HTTP/1.1"
    failures = 0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = body["inputs"]["text"]
        if type(self).failures > 0:
            type(self).failures -= 1
            return self.answer(503, {"error": "not yet"})
        if any("poison" in text for text in texts):
            return self.answer(400, {"error": "bad text"})
        probabilities = [float("nan") if "hollow" in text else 0.75 for text in texts]
        versions = [10 if "labels/canary" in self.path else 9] * len(texts)
        return self.answer(200, {"outputs": {"ai_prob": probabilities, "model_version": versions}})

    def answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Silence."""


@pytest.fixture
def model_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), ModelServer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def messages(spark: SparkSession, topic: str) -> DataFrame:
    """Twelve messages on two partitions."""
    texts = ["fine"] * 8 + ["poison", "hollow", "also fine"]
    values = [json.dumps({"id_str": str(n), "text": text}).encode() for n, text in enumerate(texts)] + [
        b"rubbish"
    ]
    rows = [
        (topic, n % 2, n // 2, datetime(2026, 5, 4, tzinfo=UTC), None, bytearray(value))
        for n, value in enumerate(values)
    ]
    columns = "topic string, partition int, offset long, timestamp timestamp, key binary, value binary"
    return spark.createDataFrame(rows, columns).repartition(2, "partition")


class Batches(SparkBatches):
    """Batches that Spark planned up to offset 6 of both partitions; a call returns when it is committed."""

    def __call__(self, messages: DataFrame, batch_id: int) -> None:
        runner = self.runner
        log = runner.workload.checkpoint_dir(runner.settings) / "offsets"
        log.mkdir(parents=True, exist_ok=True)
        planned = {runner.workload.name: {"0": 6, "1": 6}}
        (log / str(batch_id)).write_text(f"v1\n{{}}\n{json.dumps(planned)}")
        super().__call__(messages, batch_id)
        assert runner.committer.settled(60)
        problem, runner.committer = runner.committer.problem(), Committer()
        if problem:
            raise problem


MakeBatches = Callable[..., Batches]


@pytest.fixture
def batches(database: Settings, kafka: Settings, model_url: str, tmp_path: Path) -> Iterator[MakeBatches]:
    """Makes the batches of a new workload, which reads a topic of its name."""
    name = f"t_{uuid.uuid4().hex[:8]}"
    write_workload(tmp_path, name, SOURCE.format(name=name))
    changes = {"serving_url": model_url, "state_dir": tmp_path / "state"}
    settings = with_workloads(database.model_copy(update=changes), tmp_path)
    lease = Lease(settings, name)
    with connect(settings) as connection:
        lease.acquire(connection)

    def make(*sinks: SinkChoice) -> Batches:
        workload = replace(workload_named(name, settings), sinks=sinks or (ToPostgres(),))
        sink = make_sink(workload, settings, lease)
        sink.start()
        made = Batches(BatchRunner(workload, settings, sink, BatchLock(), {}), "stable")
        made.query_id.set_result("q")
        return made

    yield make
    lease.release()


def ask(settings: Settings, query: str, *values: object) -> list[tuple]:
    with connect(settings) as connection:
        return connection.execute(query, values).fetchall()


LETTERS = [
    ("score", "model refused it (400)", 0, 4),
    ("score", "model answered no probability", 1, 4),
    ("parse", "not JSON", 1, 5),
]
"""Of :func:`messages`: stage, reason, partition and offset."""


def check_ledger(settings: Settings, name: str) -> None:
    letters = ask(
        settings,
        "SELECT stage, reason, kafka_partition, kafka_offset FROM dead_letter WHERE workload = %s"
        " ORDER BY kafka_offset, kafka_partition",
        name,
    )
    commits = "SELECT end_offsets, posts, dead_letters FROM stream_commit WHERE workload = %s"
    assert letters == LETTERS
    assert ask(settings, commits, name) == [({name: {"0": 6, "1": 6}}, 9, 3)]


def test_a_batch_processed_twice_is_in_once_and_every_message_is_accounted_for(
    spark: SparkSession, batches: MakeBatches
) -> None:
    run = batches()
    name, settings = run.runner.workload.name, run.runner.settings
    ModelServer.failures = 3
    for _ in range(2):
        run(messages(spark, name), 0)
    posts = ask(
        settings,
        "SELECT id, probability, model_version FROM ai_tweets WHERE topic = %s ORDER BY id::int",
        name,
    )
    assert posts == [(str(n), 0.75, 9) for n in (*range(8), 10)]
    check_ledger(settings, name)
    details = run.runner.details()
    assert (details["model_version"], details["dead_letters"], details["counts"]["rows"]) == (9, 3, 9)


def test_a_batch_whose_commit_fails_is_in_all_sinks_once_when_it_is_processed_again(
    spark: SparkSession, batches: MakeBatches, tmp_path: Path
) -> None:
    """Kafka alone may get it twice, under the same keys."""
    topic = f"results_{uuid.uuid4().hex[:8]}"
    run = batches(ToPostgres(), ToFiles(folder=lambda _: tmp_path / "out"), ToKafka(lambda _: topic))
    name, settings, main = run.runner.workload.name, run.runner.settings, run.runner.sink.main
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "add", lambda *_: (_ for _ in ()).throw(ConnectionError))
        with pytest.raises(ConnectionError):
            run(messages(spark, name), 0)
    assert files(spark, tmp_path / "out") == []
    run(messages(spark, name), 0)
    ids = sorted((*range(8), 10))
    assert sorted(int(row.id) for row in files(spark, tmp_path / "out")) == ids
    assert ask(settings, "SELECT count(*) FROM ai_tweets WHERE topic = %s", name) == [(9,)]
    sent = spark.read.format("kafka").options(**spark_options(settings))
    found = [
        (row.key.decode(), json.loads(row.value)) for row in sent.option("subscribe", topic).load().collect()
    ]
    assert len(found) == 2 * len(ids)
    assert {key for key, _ in found} == {f"{name}/{n % 2}/{n // 2}" for n in ids}
    assert {row["probability"] for _, row in found} == {0.75}
    check_ledger(settings, name)


def files(spark: SparkSession, folder: Path) -> list[Any]:
    """What Spark reads of a folder."""
    if not list(folder.glob("[!_]*/[!_]*")):
        return []
    return spark.read.option("recursiveFileLookup", "true").parquet(str(folder)).collect()


def test_two_scorers_share_the_posts_from_the_batch_on_after_which_somebody_wanted_it(
    spark: SparkSession, batches: MakeBatches
) -> None:
    run = batches()
    name, settings = run.runner.workload.name, run.runner.settings
    shares = {"canary": 0.4, "stable": 0.6}
    run(messages(spark, name), 0)
    with connect(settings) as connection:
        change_shares(connection, run.runner.workload, shares, changed_by="ann", reason="a test")
        connection.execute("DELETE FROM ai_tweets WHERE topic = %s", [name])
        connection.execute("DELETE FROM stream_commit WHERE workload = %s", [name])
    run(messages(spark, name), 1)
    found = ask(settings, "SELECT id, model_version FROM ai_tweets WHERE topic = %s", name)
    assert dict(found) == {str(n): (10, 9)[share_of(str(n), (0.4, 0.6))] for n in (*range(8), 10)}
    assert {version for _, version in found} == {9, 10}


def test_workers_have_their_scorer_before_the_first_batch(spark: SparkSession, batches: MakeBatches) -> None:
    runner = batches().runner
    warmup = Warmup(spark, runner.workload, "stable", runner.settings)
    warmup.begin()
    warmup.wait(threading.Event())
    name = runner.workload.name

    def look(rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from include.streaming.scorers import factory

        loaded = sum(name in str(key) for key in factory._kept)
        row = {"loaded": loaded, "unseen": gc.get_freeze_count() / len(gc.get_objects())}
        yield pa.RecordBatch.from_pylist([row for _ in rows][:1])

    found = spark.range(2, numPartitions=2).mapInArrow(look, "loaded long, unseen double").collect()
    assert [row.loaded for row in found] == [1, 1]
    assert all(row.unseen > 1 for row in found), f"the collector looks through it all: {found}"
