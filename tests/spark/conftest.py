"""Versions to work on: messages in Kafka with their collection row, and raw tables."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb

from include.datasets.raw_rows import COLUMNS
from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import make_producer
from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.schema.dataset_tables import VersionTables, create_raw
from include.settings import Settings

NOW = datetime(2020, 4, 5, tzinfo=UTC)
_versions = itertools.count(100)

Text = tuple[str, str] | tuple[str, str, datetime | None]
MakeRaw = Callable[[Iterable[Text]], int]
Collect = Callable[[dict[str, list[bytes]]], int]


@pytest.fixture
def make_raw(database: Settings) -> MakeRaw:
    """Make the raw table of a new version from (id, text[, created_at]); the version."""

    def make(texts: Iterable[Text]) -> int:
        version = next(_versions)
        table = VersionTables.of(version, database).raw
        with connect(database) as connection:
            create_raw(connection, table)
            copy_rows(connection, table, COLUMNS, map(_row, itertools.count(), texts))
        return version

    return make


def _row(offset: int, text: Text) -> tuple[object, ...]:
    created_at = text[2] if len(text) > 2 else NOW
    place = ("mix_tweets_topic", offset % 4, offset // 4)
    return (*place, text[0], created_at, None, "plain", None, text[1], [], [], [], [], False, NOW)


@pytest.fixture
def collect(kafka: Settings, database: Settings) -> Collect:
    """Put messages into Kafka, round the partitions, and note them as a new version; the version."""

    def publish(messages: dict[str, list[bytes]]) -> int:
        version = next(_versions)
        start = {topic: _ends(kafka, topic) for topic in messages}
        producer = make_producer(kafka)
        for topic, values in messages.items():
            for place, value in enumerate(values):
                producer.produce(topic, value, key=str(place), partition=place % kafka.kafka_partitions)
                producer.poll(0)
        assert producer.flush(30) == 0
        end = {topic: _ends(kafka, topic) for topic in messages}
        with connect(database) as connection:
            connection.execute(
                "INSERT INTO collection (version, source, parameters, fingerprint, start_offsets, "
                "end_offsets, posts) VALUES (%s, 'test', '{}', '-', %s, %s, '{}')",
                [version, Jsonb(start), Jsonb(end)],
            )
        return version

    return publish


def _ends(settings: Settings, topic: str) -> dict[str, int]:
    """The end of each partition of a topic, which is made where it is missing."""
    broker = Broker(settings)
    broker.create_missing([topic])
    return {str(partition): end for partition, end in broker.highs([topic])[topic].items()}


@pytest.fixture(scope="session")
def real_texts(real_data: Path) -> list[tuple[str, str]]:
    """(id, text) of the 14,622 real texts."""
    import gzip

    with gzip.open(real_data / "tweets" / "tweet_texts.jsonl.gz") as file:
        return [(row["id_str"], row["text"]) for row in map(json.loads, file)]
