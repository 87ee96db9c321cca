"""A batch through Spark's own workers: parse, score over HTTP, COPY, one commit."""

from __future__ import annotations

import gc
import json
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from pyarrow import csv, parquet
from pyspark.sql import DataFrame, SparkSession

from include.infra.kafka.admin import Broker
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming import workload as declarations
from include.streaming.engine.committer import Committer
from include.streaming.engine.drain_gate import Gate
from include.streaming.engine.query import BatchRunner
from include.streaming.engine.warmup import Warmth
from include.streaming.sinks.factory import make_sink
from include.streaming.state.lease import Lease
from include.streaming.traffic_shares import share_of
from include.streaming.workload import ScorerChoice, SinkChoice, Split, TfServing, Workload

pytestmark = [pytest.mark.stack, pytest.mark.spark]


class ModelServer(BaseHTTPRequestHandler):
    """Fails at first, refuses 'poison', answers 'hollow' with NaN and all else with 0.75."""

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


class Settled(BatchRunner):
    """Returns from a batch once its commit is done, and raises what stopped it."""

    def __call__(self, messages: DataFrame, batch_id: int) -> None:
        super().__call__(messages, batch_id)
        assert self.committer.settled(60)
        problem, self.committer = self.committer.problem(), Committer()
        if problem:
            raise problem


@pytest.fixture
def runner(database: Settings, model_url: str) -> Iterator[Callable[..., BatchRunner]]:
    """Makes runners of a workload, and topic, of its own."""
    settings = database.model_copy(update={"serving_url": model_url})
    name = f"t_{uuid.uuid4().hex[:8]}"
    lease = Lease(settings, name)
    with connect(settings) as connection:
        lease.acquire(connection)

    def make(sink: SinkChoice | None = None, scorer: ScorerChoice | None = None) -> BatchRunner:
        scorer = scorer or TfServing(batch=4)
        workload = Workload(name, ("ai_topic",), scorer, sink=sink or declarations.PostgresSink())
        query_id: Future[str] = Future()
        query_id.set_result("q")
        return Settled(workload, settings, make_sink(workload, settings, lease), Gate(), query_id)

    yield make
    lease.release()


def ask(settings: Settings, query: str, *values: object) -> list[tuple]:
    with connect(settings) as connection:
        return connection.execute(query, values).fetchall()  # type: ignore[call-overload]


LETTERS = [
    ("score", "model refused it (400)", 0, 4),
    ("score", "model answered no probability", 1, 4),
    ("parse", "not JSON", 1, 5),
]
"""Of :func:`messages`: stage, reason, partition and offset."""


def check_ledger(settings: Settings, topic: str) -> None:
    letters = ask(
        settings,
        "SELECT stage, reason, kafka_partition, kafka_offset FROM dead_letter WHERE topic = %s"
        " ORDER BY kafka_offset, kafka_partition",
        topic,
    )
    commits = "SELECT end_offsets, posts, dead_letters FROM stream_commit WHERE workload = %s"
    assert letters == LETTERS
    assert ask(settings, commits, topic) == [({topic: {"0": 6, "1": 6}}, 9, 3)]


def test_a_batch_done_twice_is_in_once_and_every_message_is_accounted_for(
    spark: SparkSession, runner: Callable[..., BatchRunner]
) -> None:
    run = runner()
    topic, settings = run.workload.name, run.settings
    ModelServer.failures = 3
    for _ in range(2):
        run(messages(spark, topic), 0)
    posts = ask(
        settings,
        "SELECT id, probability, model_version FROM ai_tweets WHERE topic = %s ORDER BY id::int",
        topic,
    )
    assert posts == [(str(n), 0.75, 9) for n in (*range(8), 10)]
    check_ledger(settings, topic)
    assert run.details()["model_version"] == 9


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_files_hold_a_committed_batch_once_whatever_is_done_again(
    spark: SparkSession, runner: Callable[..., BatchRunner], tmp_path: Path, form: Literal["parquet", "csv"]
) -> None:
    run = runner(declarations.FileSink(form, tmp_path / "out"))
    topic, sink = run.workload.name, run.sink
    sink.start()

    def rows() -> list[dict]:
        files = list((tmp_path / "out").glob(f"*/*/*.{form}"))
        read = parquet.read_table if form == "parquet" else csv.read_csv
        return pa.concat_tables(read(file) for file in files).to_pylist() if files else []

    with pytest.MonkeyPatch.context() as patch:  # the files are in place, the commit row is not
        patch.setattr(sink._ledger, "commit", lambda *_: (_ for _ in ()).throw(ConnectionError))
        with pytest.raises(ConnectionError):
            run(messages(spark, topic), 0)
    assert len(rows()) == 9
    run(messages(spark, topic), 0)
    assert [path.name for path in (tmp_path / "out" / "q").iterdir()] == ["0"]
    found = sorted(rows(), key=lambda row: int(row["id"]))
    assert [(int(row["id"]), row["probability"]) for row in found] == [(n, 0.75) for n in (*range(8), 10)]
    assert found[0]["links"] == ([] if form == "parquet" else "[]")
    check_ledger(run.settings, topic)
    assert not ask(run.settings, "SELECT FROM ai_tweets WHERE topic = %s", topic)
    shutil.copytree(tmp_path / "out" / "q" / "0", tmp_path / "out" / "q" / "1")  # never committed
    sink.start()
    assert len(rows()) == 9


def test_kafka_gets_every_post_under_its_position(
    spark: SparkSession, kafka: Settings, runner: Callable[..., BatchRunner]
) -> None:
    run = runner(declarations.KafkaSink(f"results_{uuid.uuid4().hex[:8]}"))
    topic, sink_topic = run.workload.name, run.workload.sink.topic
    Broker(kafka).create_missing([sink_topic])
    run(messages(spark, topic), 0)
    frame = (
        spark.read.format("kafka")
        .option("kafka.bootstrap.servers", kafka.kafka_bootstrap)
        .option("subscribe", sink_topic)
        .load()
    )
    found = {bytes(row.key).decode(): json.loads(row.value) for row in frame.collect()}
    assert sorted(found) == sorted(f"{topic}/{n % 2}/{n // 2}" for n in (*range(8), 10))
    assert {row["probability"] for row in found.values()} == {0.75}
    check_ledger(run.settings, topic)


def test_two_versions_share_the_posts_by_their_ids(
    spark: SparkSession, runner: Callable[..., BatchRunner]
) -> None:
    """The stand-in server answers version 9 for the label ``stable`` and 10 for ``canary``."""
    split = Split(((TfServing(label="canary"), 0.4), (TfServing(), 0.6)))
    run = runner(scorer=split)
    run(messages(spark, run.workload.name), 0)
    found = ask(run.settings, "SELECT id, model_version FROM ai_tweets WHERE topic = %s", run.workload.name)
    assert dict(found) == {str(n): (10, 9)[share_of(str(n), (0.4, 0.6))] for n in (*range(8), 10)}
    assert {version for _, version in found} == {9, 10}


def test_workers_have_their_scorer_before_the_first_batch(
    spark: SparkSession, runner: Callable[..., BatchRunner]
) -> None:
    run = runner()
    warmth = Warmth(spark, run.workload, run.settings)
    warmth.begin()
    warmth.wait(threading.Event())
    url = run.settings.model_url

    def look(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from include.streaming.scorers import factory

        loaded = sum(url in key for key in factory._scorers)
        row = {"loaded": loaded, "unseen": gc.get_freeze_count() / len(gc.get_objects())}
        yield pa.RecordBatch.from_pylist([row for _ in batches][:1])

    found = spark.range(2, numPartitions=2).mapInArrow(look, "loaded long, unseen double").collect()
    assert [row.loaded for row in found] == [1, 1]
    assert all(row.unseen > 1 for row in found), f"the collector looks through it all: {found}"
