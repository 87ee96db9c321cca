"""Reading a topic between two positions, once, without a consumer group's help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from include.infra.kafka.admin import BrokerUnavailable
from include.infra.kafka.connection import make_consumer
from include.settings import Settings

_PATIENCE = 30.0
"""Seconds without a message, or the news that a partition ends, before Kafka is taken to be away."""


def read_between(
    settings: Settings, topic: str, starts: Mapping[int, int], ends: Mapping[int, int]
) -> Iterator[Message]:
    """The messages from the starts to the ends (not included) of a topic's partitions.

    Raises:
        BrokerUnavailable: Kafka refuses, or gives nothing any more; naming the address.
    """
    left = {p: end for p, end in ends.items() if starts.get(p, 0) < end}
    if not left:
        return
    options = {
        "group.id": "tweetsieve-read",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "log_level": 2,
    }
    consumer = make_consumer(settings, options)
    try:
        consumer.assign([TopicPartition(topic, p, starts.get(p, 0)) for p in left])
        while left:
            yield from _next(consumer, left, settings)
    except KafkaException as error:
        raise BrokerUnavailable(f"Kafka at {settings.kafka_bootstrap}: {error.args[0].str()}") from error
    finally:
        consumer.close()


def _next(consumer: Consumer, left: dict[int, int], settings: Settings) -> Iterator[Message]:
    message = consumer.poll(_PATIENCE)
    if message is None:
        raise BrokerUnavailable(
            f"Kafka at {settings.kafka_bootstrap} gives no message within {_PATIENCE:.0f} s"
        )
    partition, offset, error = message.partition(), message.offset(), message.error()
    assert partition is not None
    if error is not None and error.code() == KafkaError._PARTITION_EOF:
        left.pop(partition, None)
        return
    if error is not None:
        raise KafkaException(error)
    assert offset is not None
    end = left.get(partition, 0)
    if offset < end:
        yield message
    if offset + 1 >= end:
        left.pop(partition, None)
