"""Publishing to Kafka: keyed by post id, idempotent, and without losing a delivery error."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from include.infra.kafka import connection
from include.infra.kafka.admin import Broker, BrokerUnavailable
from include.infra.kafka.offsets import Positions
from include.settings import Settings
from include.sources.interface.source import Source

_DELIVERY_MS = 30_000


@dataclass(frozen=True)
class PublishReport:
    """What was published: posts by topic, and the positions ``[start, end)`` that contain them.

    Others may have published into the same range at the same time.
    """

    posts: dict[str, int]
    start_offsets: Positions
    end_offsets: Positions
    notices: int = 0
    """Deletion notices, which went to the topic of what is to be forgotten."""


def make_producer(settings: Settings) -> Producer:
    """A producer that writes each post once, in order, and gives up after 30 s."""
    return connection.make_producer(
        settings,
        {
            "client.id": "tweetsieve",
            "log_level": 2,  # errors are raised; the client would repeat them on stderr
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 50,
            "delivery.timeout.ms": _DELIVERY_MS,
        },
    )


def publish(
    source: Source,
    producer: Producer,
    settings: Settings,
    *,
    limit: int | None = None,
    per_topic: int | None = None,
    seconds: float | None = None,
    on_progress: Callable[[dict[str, int]], None] | None = None,
) -> PublishReport:
    """Publish what the source yields, until it ends or a limit is reached.

    Args:
        limit: posts in all.
        per_topic: posts of each topic; further ones are left out, and it ends when all topics are full.
        seconds: how long a live source is read.
        on_progress: called about once a second with the posts by topic so far.

    Raises:
        BrokerUnavailable: no broker answers within some 10 s, or it does not take a post; naming the address.
        SourceError: the source can't be read; nothing was published where it was so from the start.
    """
    topics = [settings.ai_topic, settings.mix_topic]
    broker = Broker(settings)
    broker.create_missing(topics)
    start = broker.highs(topics)
    delivery = _Delivery(producer, settings, on_progress)
    notices = 0
    with _time_limit(source, seconds):
        for post in source.posts():
            if post.topic == settings.forgotten_topic:
                if not notices:
                    broker.create_compacted(post.topic)
                notices += 1
                delivery.send(post.topic, post.key, post.value)
                continue
            if per_topic is not None and delivery.posts[post.topic] >= per_topic:
                continue
            delivery.send(post.topic, post.key, post.value)
            if limit is not None and sum(delivery.posts[topic] for topic in topics) >= limit:
                break
            if per_topic is not None and all(delivery.posts[topic] >= per_topic for topic in topics):
                break
    delivery.finish()
    ends = broker.highs(topics)
    return PublishReport({t: delivery.posts[t] for t in topics}, start, ends, notices)


def send_all(settings: Settings, messages: Iterable[tuple[str, bytes | None, bytes | None]]) -> None:
    """Send messages (topic, key, value) and wait until Kafka has them all; their topics exist.

    Raises:
        BrokerUnavailable: no broker answers, or it does not take a message; naming the address.
    """
    delivery = _Delivery(make_producer(settings), settings)
    for message in messages:
        delivery.send(*message)
    delivery.finish()


@dataclass
class _Delivery:
    """Sends posts and keeps the first delivery error."""

    producer: Producer
    settings: Settings
    on_progress: Callable[[dict[str, int]], None] | None = None
    posts: Counter[str] = field(default_factory=Counter)
    error: KafkaError | None = None
    told: float = field(default_factory=time.monotonic)

    def send(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        self._check()
        while True:
            try:
                self.producer.produce(topic, value=value, key=key, on_delivery=self._delivered)
                break
            except BufferError:  # the client's queue is full: let the broker catch up
                self.producer.poll(0.1)
                self._check()
            except KafkaException as error:
                raise _failed(self.settings, error.args[0]) from error
        self.posts[topic] += 1
        self.producer.poll(0)
        if self.on_progress and time.monotonic() - self.told >= 1:
            self.told = time.monotonic()
            self.on_progress(dict(self.posts))

    def finish(self) -> None:
        left = self.producer.flush(_DELIVERY_MS / 1000 + 1)
        self._check()
        if left:
            raise BrokerUnavailable(
                f"{left} posts were not taken by Kafka at {self.settings.kafka_bootstrap} in time"
            )

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        self.error = self.error or error

    def _check(self) -> None:
        if self.error is not None:
            raise _failed(self.settings, self.error)


def _failed(settings: Settings, error: object) -> BrokerUnavailable:
    return BrokerUnavailable(f"Kafka at {settings.kafka_bootstrap} did not take a post: {error}")


@contextmanager
def _time_limit(source: Source, seconds: float | None) -> Iterator[None]:
    """Stop a live source after some seconds, even while it waits for a post."""
    stop = getattr(source, "stop", None)
    timer = threading.Timer(seconds, stop) if seconds and source.live and stop else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()
