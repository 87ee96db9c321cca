"""Messages into Kafka."""

from __future__ import annotations

import time
from collections.abc import Sequence

from confluent_kafka import TopicPartition

from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import admin_client, make_producer
from include.infra.kafka.offsets import Positions
from include.settings import Settings


def send(settings: Settings, topic: str, values: Sequence[bytes], partition: int = 0) -> None:
    """Send values to one partition of a topic, which is created where it is missing."""
    Broker(settings).create_missing([topic])
    producer = make_producer(settings)
    for value in values:
        producer.produce(topic, value, partition=partition)
    assert producer.flush(30) == 0


def send_in_transaction(settings: Settings, topic: str, values: Sequence[bytes], *, commit: bool) -> None:
    """Send values to the first partition in one transaction, which is committed or aborted."""
    producer = make_producer(settings, {"transactional.id": f"test-{topic}"})
    producer.init_transactions(60)
    producer.begin_transaction()
    for value in values:
        producer.produce(topic, value, partition=0)
    assert producer.flush(30) == 0
    if commit:
        producer.commit_transaction(60)
    else:
        producer.abort_transaction(60)


def await_positions(settings: Settings, topic: str, messages: int) -> None:
    """Wait until the topic ends where it should."""
    broker, deadline = Broker(settings), time.monotonic() + 60
    while sum(broker.highs([topic])[topic].values()) != messages:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def delete_before(settings: Settings, positions: Positions) -> None:
    """Have Kafka delete every message before these positions, as its retention does."""
    places = [TopicPartition(topic, p, end) for topic, parts in positions.items() for p, end in parts.items()]
    admin = admin_client(settings)
    for deleted in admin.delete_records(places).values():
        deleted.result(30)
