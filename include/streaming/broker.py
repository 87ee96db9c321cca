"""What the stream asks the Kafka broker itself: topics, their partitions, where they begin and end."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from include.settings import Settings
from include.streaming.positions import Positions


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
