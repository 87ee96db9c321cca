"""What the stream asks the Kafka broker itself: topics, their partitions, where they begin and end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from include.infra.kafka.offsets import Positions
from include.settings import Settings


class Broker:
    """Questions to the broker.

    Every method raises :class:`confluent_kafka.KafkaException` while the broker does not answer.
    """

    def __init__(self, settings: Settings, timeout: float = 10.0) -> None:
        self._settings = settings
        self._timeout = timeout
        self._admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0})

    def create_missing(self, topics: Sequence[str]) -> None:
        """Make the topics that are not there; Spark refuses to read a topic that does not exist."""
        missing = set(topics) - set(self._admin.list_topics(timeout=self._timeout).topics)
        new = [NewTopic(topic, self._settings.kafka_partitions, -1) for topic in sorted(missing)]
        for future in self._admin.create_topics(new).values() if new else ():
            try:
                future.result(self._timeout)
            except KafkaException as problem:
                if problem.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """Kafka's id of each topic that exists: one that was deleted and created again has another id."""
        futures = self._admin.describe_topics(TopicCollection(list(topics)), request_timeout=self._timeout)
        ids: dict[str, str] = {}
        for topic, future in futures.items():
            try:
                ids[topic] = str(future.result(self._timeout).topic_id)
            except KafkaException as problem:
                if problem.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                    raise
        return ids

    def lows(self, topics: Sequence[str]) -> Positions:
        """The first position still kept, per partition."""
        return self._offsets(topics, OffsetSpec.earliest())

    def highs(self, topics: Sequence[str]) -> Positions:
        """The position that the next message will have, per partition."""
        return self._offsets(topics, OffsetSpec.latest())

    def _offsets(self, topics: Sequence[str], which: OffsetSpec) -> Positions:
        found = self._admin.list_topics(timeout=self._timeout).topics
        asked = {
            TopicPartition(topic, partition): which
            for topic in topics
            if topic in found
            for partition in found[topic].partitions
        }
        positions: Positions = {topic: {} for topic in topics}
        for place, future in (
            self._admin.list_offsets(asked, request_timeout=self._timeout).items() if asked else ()
        ):
            positions[place.topic][place.partition] = future.result(self._timeout).offset
        return positions


Offsets = dict[str, dict[int, int]]
"""``{topic: {partition: offset}}``."""

_ANSWER_SECONDS = 10.0
_NO_LEADER_YET = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)


class PublishError(RuntimeError):
    """Kafka did not answer or did not take a post; trying again may help."""


def ensure_topics(settings: Settings, topics: list[str]) -> None:
    """Create the topics that are not there yet.

    Raises:
        PublishError: no broker answers, naming where it was looked for.
    """
    admin = AdminClient(_client(settings))
    try:
        there = admin.list_topics(timeout=_ANSWER_SECONDS).topics
        new = [
            NewTopic(topic, settings.kafka_partitions, replication_factor=-1)
            for topic in topics
            if topic not in there
        ]
        for created in (admin.create_topics(new, operation_timeout=_ANSWER_SECONDS) if new else {}).values():
            _ignore_existing(created.result)
    except KafkaException as error:
        raise no_broker(settings, error) from error


def _ignore_existing(result: Callable[[], object]) -> None:
    try:
        result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def end_offsets(settings: Settings, topics: list[str]) -> Offsets:
    """The next offset of each partition of topics that must be there; one just made may take a moment.

    Raises:
        PublishError: no broker answers, or a topic does not appear.
    """
    give_up = time.monotonic() + _ANSWER_SECONDS
    while set(ranges := offset_ranges(settings, topics)) < set(topics):
        if time.monotonic() > give_up:
            raise PublishError(
                f"Kafka at {settings.kafka_bootstrap} has no topic {set(topics) - set(ranges)}"
            )
        time.sleep(0.1)
    return {topic: {p: high for p, (_, high) in spans.items()} for topic, spans in ranges.items()}


def offset_ranges(settings: Settings, topics: list[str]) -> dict[str, dict[int, tuple[int, int]]]:
    """First kept and next offset of each partition of the topics that are there.

    Raises:
        PublishError: no broker answers.
    """
    consumer = Consumer(_client(settings) | {"group.id": "tweetsieve-offsets"})
    try:
        known = consumer.list_topics(timeout=_ANSWER_SECONDS).topics
        return {
            topic: {p: _watermarks(consumer, topic, p) for p in sorted(known[topic].partitions)}
            for topic in topics
            if topic in known and known[topic].partitions
        }
    except KafkaException as error:
        raise no_broker(settings, error) from error
    finally:
        consumer.close()


def _watermarks(consumer: Consumer, topic: str, partition: int) -> tuple[int, int]:
    """First kept and next offset; asked again while a new topic's leader is being chosen."""
    give_up = time.monotonic() + _ANSWER_SECONDS
    while True:
        try:
            return consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_ANSWER_SECONDS)
        except KafkaException as error:
            if error.args[0].code() not in _NO_LEADER_YET or time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def no_broker(settings: Settings, error: Exception) -> PublishError:
    return PublishError(
        f"no Kafka broker answers at {settings.kafka_bootstrap} ({error.args[0]}): start it with `make up`, "
        "or name it with TWEETSIEVE_KAFKA_BOOTSTRAP_SERVERS"
    )


def _client(settings: Settings) -> dict[str, Any]:
    return {"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0}
