"""The Kafka sink: a topic of JSON, at least once.

The tasks send as they go, so a task or batch that is processed again sends again, under the same key
``topic/partition/offset``. A task is done only when every message of its own is acknowledged: nothing is
lost.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
import pyarrow as pa
from confluent_kafka import KafkaError

from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import make_producer
from include.settings import Settings
from include.streaming.sinks.base import Batch, ResultSink

FLUSH_SECONDS = 60.0


class NotAcknowledged(Exception):
    """Kafka did not take every message of a task; the batch is processed again."""


@dataclass(frozen=True)
class KafkaStage:
    """The way to the topic."""

    settings: Settings
    topic: str

    @contextmanager
    def writer(self, attempt: int) -> Iterator[KafkaWriter]:
        """Raises NotAcknowledged at the end where Kafka did not take everything."""
        writer = KafkaWriter(self)
        yield writer
        writer.flush()


@dataclass
class KafkaSink(ResultSink[KafkaStage]):
    """Rows into a topic, which is created where it is missing."""

    settings: Settings
    topic: str

    def start(self) -> None:
        Broker(self.settings).create_missing([self.topic])

    def stage(self, batch: Batch) -> KafkaStage:
        return KafkaStage(self.settings, self.topic)


class KafkaWriter:
    """Sends one task's rows."""

    def __init__(self, stage: KafkaStage) -> None:
        self._topic = stage.topic
        self._failed: KafkaError | None = None
        options = {"enable.idempotence": True, "compression.type": "lz4", "linger.ms": 20, "log_level": 2}
        self._producer = make_producer(stage.settings, options)

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        for row in results.to_pylist():
            key = f"{row['topic']}/{row['kafka_partition']}/{row['kafka_offset']}"
            self._produce(key.encode(), orjson.dumps(row, default=_as_text))

    def flush(self) -> None:
        left = self._producer.flush(FLUSH_SECONDS)
        if left or self._failed:
            raise NotAcknowledged(
                f"Kafka did not take {left or 'some'} messages for {self._topic}: {self._failed}"
            )

    def _produce(self, key: bytes, value: bytes) -> None:
        while True:
            try:
                return self._producer.produce(self._topic, value, key, on_delivery=self._delivered)
            except BufferError:
                self._producer.poll(0.1)

    def _delivered(self, problem: KafkaError | None, _: object) -> None:
        self._failed = problem or self._failed


def _as_text(value: object) -> str:
    """Bytes, of which JSON has none, in base 64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
