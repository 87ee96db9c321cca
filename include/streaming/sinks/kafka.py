"""The Kafka sink: a topic of JSON, at least once.

The tasks produce as they go, so that a task or batch that is done again is there again, under the same
key ``topic/partition/offset``. Only when every message is acknowledged is the batch committed in
Postgres, with its dead letters: nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson
import pyarrow as pa
from confluent_kafka import KafkaError, Producer

from include.infra.kafka.offsets import Positions
from include.settings import Settings
from include.streaming.sinks.base import Batch, Receipt
from include.streaming.sinks.postgres import PostgresSink
from include.streaming.sinks.postgres_staging import PostgresStage, PostgresWriter
from include.streaming.state.lease import Lease

FLUSH_SECONDS = 60.0


class Undelivered(Exception):
    """Kafka did not take every message of a task; the batch is done again."""


@dataclass
class KafkaSink:
    """Posts into a topic; dead letters and positions into Postgres."""

    settings: Settings
    lease: Lease
    topic: str
    _ledger: PostgresSink = field(init=False)

    def __post_init__(self) -> None:
        self._ledger = PostgresSink(self.settings, self.lease, keeps_posts=False)

    def start(self) -> None:
        self._ledger.start()

    def committed(self) -> Positions:
        return self._ledger.committed()

    def has(self, batch: Batch) -> bool:
        return self._ledger.has(batch)

    def stage(self, batch: Batch) -> KafkaStage:
        return KafkaStage(self._ledger.stage(batch), self.settings.kafka_bootstrap, self.topic)

    def commit(self, batch: Batch, stage: KafkaStage, receipts: Sequence[Receipt]) -> None:
        self._ledger.commit(batch, stage.letters, receipts)


@dataclass(frozen=True)
class KafkaStage:
    """The way to the topic beside the staging tables for dead letters."""

    letters: PostgresStage
    bootstrap: str
    topic: str

    @contextmanager
    def writer(self, attempt: int) -> Iterator[KafkaWriter]:
        """Raises Undelivered at the end where Kafka did not take everything."""
        with self.letters.writer(attempt) as letters:
            writer = KafkaWriter(self, letters)
            yield writer
            writer.flush()


class KafkaWriter:
    """Produces one task's posts."""

    def __init__(self, stage: KafkaStage, letters: PostgresWriter) -> None:
        self._topic = stage.topic
        self._letters = letters
        self._failed: KafkaError | None = None
        self._producer = Producer(
            {
                "bootstrap.servers": stage.bootstrap,
                "enable.idempotence": True,
                "compression.type": "lz4",
                "linger.ms": 20,
                "log_level": 2,
            }
        )

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        self._letters.write(results.slice(0, 0), dead)
        for row in results.to_pylist():
            key = f"{row['topic']}/{row['kafka_partition']}/{row['kafka_offset']}"
            self._produce(key.encode(), orjson.dumps(row))

    def flush(self) -> None:
        left = self._producer.flush(FLUSH_SECONDS)
        if left or self._failed:
            raise Undelivered(
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
