"""A batch through Spark's own workers: parse, score over HTTP, COPY, one commit."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pyspark.sql import DataFrame, SparkSession

from include.database import connect
from include.settings import Settings
from include.streaming.gate import Gate
from include.streaming.lease import Lease
from include.streaming.query import BatchRunner
from include.streaming.sinks.postgres import PostgresSink
from include.streaming.workloads import TfServing, Workload

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
        return self.answer(200, {"outputs": {"ai_prob": probabilities, "model_version": [9] * len(texts)}})

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


def test_a_batch_done_twice_is_in_once_and_every_message_is_accounted_for(
    spark: SparkSession, database: Settings, model_url: str
) -> None:
    topic = f"t_{uuid.uuid4().hex[:8]}"
    settings = database.model_copy(update={"serving_url": model_url})
    lease = Lease(settings, topic)
    with connect(settings) as connection:
        lease.acquire(connection)
    workload = Workload(topic, ("ai_topic",), TfServing(batch=4))
    query_id: Future[str] = Future()
    query_id.set_result("q")
    runner = BatchRunner(workload, settings, PostgresSink(settings, lease), Gate(), query_id)
    ModelServer.failures = 3
    for _ in range(2):
        runner(messages(spark, topic), 0)
    with connect(settings) as connection:
        posts = connection.execute(
            "SELECT id, probability, model_version FROM ai_tweets WHERE topic = %s ORDER BY id::int", [topic]
        ).fetchall()
        letters = connection.execute(
            "SELECT stage, reason, kafka_partition, kafka_offset FROM dead_letter WHERE topic = %s"
            " ORDER BY kafka_offset, kafka_partition", [topic]
        ).fetchall()  # fmt: skip
        commit = connection.execute(
            "SELECT end_offsets, posts, dead_letters FROM stream_commit WHERE workload = %s", [topic]
        ).fetchall()
    assert posts == [(str(n), 0.75, 9) for n in (*range(8), 10)]
    assert letters == [
        ("score", "model refused it (400)", 0, 4),
        ("score", "model answered no probability", 1, 4),
        ("parse", "not JSON", 1, 5),
    ]
    assert commit == [({topic: {"0": 6, "1": 6}}, 9, 3)]
    assert runner.details()["model_version"] == 9
    lease.release()
