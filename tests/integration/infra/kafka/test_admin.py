"""Questions to a real broker."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tenacity import Retrying, stop_after_delay, wait_fixed

from include.infra.kafka.admin import Broker, BrokerUnavailable
from include.infra.kafka.connection import admin_client, make_producer
from include.infra.processes.ports import free_ports
from include.settings import Settings


@pytest.fixture
def topic() -> str:
    return f"admin_{time.time_ns()}"


def send(settings: Settings, topic: str, partitions: list[int]) -> None:
    producer = make_producer(settings)
    for partition in partitions:
        producer.produce(topic, b"message", partition=partition)
    assert producer.flush(30) == 0


def delete(settings: Settings, topic: str) -> None:
    admin = admin_client(settings)
    admin.delete_topics([topic])[topic].result(30)
    for attempt in Retrying(stop=stop_after_delay(30), wait=wait_fixed(0.1)):
        with attempt:
            assert topic not in admin.list_topics(timeout=10).topics


def test_a_new_topic_can_be_asked_and_written_at_once(kafka: Settings, topic: str) -> None:
    broker = Broker(kafka)
    broker.create_missing([topic])
    assert broker.spans([topic]) == {topic: dict.fromkeys(range(kafka.kafka_partitions), (0, 0))}
    send(kafka, topic, [0, 0, 1])
    assert broker.highs([topic])[topic] == {0: 2, 1: 1, 2: 0, 3: 0}
    assert broker.lows([topic])[topic] == dict.fromkeys(range(kafka.kafka_partitions), 0)


def test_creating_a_topic_twice_or_at_the_same_time_is_harmless(kafka: Settings, topic: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        for created in [threads.submit(Broker(kafka).create_missing, [topic]) for _ in range(4)]:
            created.result()
    Broker(kafka).create_missing([topic])
    assert len(Broker(kafka).highs([topic])[topic]) == kafka.kafka_partitions


def test_a_topic_that_was_deleted_and_created_again_has_another_id(kafka: Settings, topic: str) -> None:
    broker = Broker(kafka)
    broker.create_missing([topic])
    first = broker.topic_ids([topic])
    assert broker.topic_ids([topic]) == first
    delete(kafka, topic)
    broker.create_missing([topic])
    again = broker.topic_ids([topic])
    assert set(again) == set(first) == {topic}
    assert again != first


def test_a_topic_that_does_not_exist_has_no_partitions_and_no_id(kafka: Settings, topic: str) -> None:
    assert Broker(kafka).spans([topic]) == {topic: {}}
    assert Broker(kafka).topic_ids([topic]) == {}


def test_no_broker_is_an_error_with_the_address_in_time(settings: Settings) -> None:
    away = settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{free_ports(1)[0]}"})
    broker = Broker(away, timeout=0.5)
    for ask in (broker.create_missing, broker.topic_ids, broker.highs, broker.spans):
        began = time.monotonic()
        with pytest.raises(BrokerUnavailable, match=f"{away.kafka_bootstrap}.*make up"):
            ask(["any"])
        assert time.monotonic() - began < 5
