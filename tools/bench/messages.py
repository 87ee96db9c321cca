"""Filling a topic with made-up posts, the same ones in every run."""

from __future__ import annotations

import itertools

from confluent_kafka import Producer
from confluent_kafka.admin import NewTopic

from include.infra.kafka.connection import admin_client, make_producer
from include.settings import Settings
from include.sources.synthetic.source import SyntheticSource

DISTINCT = 50_000
"""Different posts; a topic of more repeats them, each at a Kafka position of its own."""

MALFORMED_EVERY = 1_000
"""One message of so many is no JSON, so that dead letters are part of the work."""


def posts(settings: Settings, count: int = DISTINCT) -> list[bytes]:
    """JSON of posts in X's v1.1 and v2 forms, 41 % with a link."""
    return [
        post.value for post in itertools.islice(SyntheticSource(settings, posts=count, seed=7).posts(), count)
    ]


def fill(settings: Settings, topic: str, values: list[bytes], count: int, partitions: int = 4) -> None:
    """A new topic of ``count`` messages, spread evenly."""
    admin = admin_client(settings)
    for future in admin.create_topics([NewTopic(topic, partitions, 1)]).values():
        future.result(30)
    producer = producer_of(settings)
    for number, value in enumerate(itertools.islice(itertools.cycle(values), count)):
        broken = number % MALFORMED_EVERY == MALFORMED_EVERY - 1
        while True:
            try:
                producer.produce(topic, value[:-2] if broken else value, partition=number % partitions)
                break
            except BufferError:
                producer.poll(0.1)
        if number % 10_000 == 0:
            producer.poll(0)
    if producer.flush(120):
        raise RuntimeError(f"Kafka did not take all messages of topic {topic}")


def producer_of(settings: Settings) -> Producer:
    """As the project's own publisher is set, but without waiting for more messages when few come."""
    return make_producer(
        settings,
        {
            "compression.type": "lz4",
            "linger.ms": 5,
            "queue.buffering.max.messages": 500_000,
            "log_level": 2,
        },
    )
