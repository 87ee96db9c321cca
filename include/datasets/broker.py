"""Asking the broker, before a Spark job relies on it, whether it still holds a version's positions."""

from __future__ import annotations

import time
from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from include.datasets.positions import Positions, PositionsLost, Spans
from include.errors import UserError
from include.settings import Settings

_PASSING = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)


class BrokerUnavailable(UserError):
    """The Kafka broker does not answer."""


def require_positions(positions: Positions, version: int, settings: Settings, timeout: float = 20) -> None:
    """Stop where the broker does not answer, or has dropped positions of the version.

    Raises:
        BrokerUnavailable: naming the address.
        PositionsLost: naming the topic and partition.
    """
    for topic, spans in positions.topics.items():
        needed = {partition: span for partition, span in spans.items() if span[0] < span[1]}
        held = held_positions(topic, list(needed), settings, timeout)
        for partition, span in needed.items():
            _compare(f"{topic}[{partition}]", version, span, held[partition])


def held_positions(topic: str, partitions: Iterable[int], settings: Settings, timeout: float = 20) -> Spans:
    """The positions that the broker holds of a topic's partitions.

    Raises:
        BrokerUnavailable: no answer within ``timeout`` seconds, or none that is of use.
    """
    consumer = Consumer(
        {"bootstrap.servers": settings.kafka_bootstrap, "group.id": "tweetsieve-positions", "log_level": 0}
    )
    deadline = time.monotonic() + timeout
    try:
        return {partition: _held(consumer, topic, partition, deadline) for partition in partitions}
    except KafkaException as error:
        raise BrokerUnavailable(
            f"no answer on topic {topic} from the Kafka broker at {settings.kafka_bootstrap}: "
            f"{error.args[0].str()}; see that it runs (settings TWEETSIEVE_KAFKA_*)"
        ) from error
    finally:
        consumer.close()


def _held(consumer: Consumer, topic: str, partition: int, deadline: float) -> tuple[int, int]:
    """Ask again while the partition is between leaders, as that of a new topic is at first."""
    while True:
        try:
            left = max(deadline - time.monotonic(), 0.1)
            return consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=left)
        except KafkaException as error:
            if error.args[0].code() not in _PASSING or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _compare(place: str, version: int, wanted: tuple[int, int], held: tuple[int, int]) -> None:
    if wanted[0] < held[0] or wanted[1] > held[1]:
        raise PositionsLost(
            f"posts of dataset version {version} are gone from Kafka: {place} holds positions "
            f"{held[0]} to {held[1]}, the version needs {wanted[0]} to {wanted[1]}; "
            "run the DAGs clean_dataset and collect_tweets for it"
        )
