"""What the Kafka broker is asked: topics, their ids, and where their partitions begin and end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import ConfigResource, NewTopic, OffsetSpec, ResourceType, TopicMetadata
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from include.errors import UserError
from include.infra.kafka.connection import admin_client
from include.infra.kafka.offsets import Positions, Spans
from include.infra.kafka.refusals import refused
from include.settings import Settings

Answer = TypeVar("Answer")

_PASSING = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.FENCED_LEADER_EPOCH,
    }
)
"""Answers while a partition's leader is being elected, or while not every broker knows a new topic yet."""


class BrokerUnavailable(RuntimeError):
    """The Kafka broker gives no answer, or none that is of use; trying again may help."""


class BrokerRefuses(BrokerUnavailable, UserError):
    """The Kafka broker answers, and takes neither our name nor our password, or we not its certificate."""


class Broker:
    """Questions to the broker; each waits until the partitions have leaders.

    Every method raises :class:`BrokerUnavailable`, which names the address, when there is no answer within
    ``timeout`` seconds; :class:`BrokerRefuses`, which names the settings, when waiting would not help.
    """

    def __init__(self, settings: Settings, timeout: float = 10.0) -> None:
        self._settings = settings
        self._timeout = timeout
        self._connect()

    def _connect(self) -> None:
        self._password = self._settings.broker_password
        self._last_error = last = _LastError()  # no reference to self, so that no circle keeps the client
        self._admin = admin_client(self._settings, last.note)

    def answers(self) -> bool:
        """Whether the broker answers now.

        Raises:
            BrokerRefuses: it does, and refuses us.
        """
        try:
            return bool(self._answer(lambda: self._admin.list_topics(timeout=self._timeout).brokers))
        except BrokerRefuses:
            raise
        except BrokerUnavailable:
            return False

    def create_missing(self, topics: Sequence[str]) -> None:
        """Create the topics that do not exist; Spark refuses to read one that does not."""
        self._answer(lambda: self._create(topics))
        self._answer(lambda: self._require(topics))

    def create_compacted(self, topic: str) -> None:
        """Create a topic that keeps the latest message of each key, where it does not exist."""
        if topic not in self._answer(self._topics):
            new = NewTopic(topic, 1, -1, config={"cleanup.policy": "compact"})
            self._answer(lambda: self._create_new([new]))
        self._answer(lambda: self._require([topic]))

    def settings_of(self, topics: Sequence[str]) -> dict[str, dict[str, str]]:
        """The settings of topics that exist, as Kafka names them, such as ``retention.ms``."""
        return self._answer(lambda: self._settings_of(topics))

    def delete_before(self, positions: Positions) -> None:
        """Have Kafka delete every message before these positions, for good."""
        places = [TopicPartition(t, p, end) for t, parts in positions.items() for p, end in parts.items()]
        if places:
            self._answer(lambda: self._delete(places))

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """Kafka's id of each topic that exists: one that was deleted and created again has another id."""
        return self._answer(lambda: self._ids(topics))

    def lows(self, topics: Sequence[str]) -> Positions:
        """The first position still kept, per partition of the topics that exist."""
        return self._answer(lambda: self._offsets(topics, OffsetSpec.earliest()))

    def highs(self, topics: Sequence[str]) -> Positions:
        """The position that the next message will have, per partition of the topics that exist."""
        return self._answer(lambda: self._offsets(topics, OffsetSpec.latest()))

    def spans(self, topics: Sequence[str]) -> dict[str, Spans]:
        """First kept and next position, per partition of the topics that exist."""
        lows, highs = self.lows(topics), self.highs(topics)
        return {topic: {p: (lows[topic][p], high) for p, high in highs[topic].items()} for topic in topics}

    def _create(self, topics: Sequence[str]) -> None:
        missing = set(topics) - set(self._topics())
        new = [NewTopic(topic, self._settings.kafka_partitions, -1) for topic in sorted(missing)]
        self._create_new(new)

    def _create_new(self, new: list[NewTopic]) -> None:
        for created in self._admin.create_topics(new).values() if new else ():
            self._unless(KafkaError.TOPIC_ALREADY_EXISTS, created)

    def _settings_of(self, topics: Sequence[str]) -> dict[str, dict[str, str]]:
        there = sorted(set(topics) & set(self._topics()))
        asked = [ConfigResource(ResourceType.TOPIC, topic) for topic in there]
        answers = self._admin.describe_configs(asked, request_timeout=self._timeout) if asked else {}
        return {
            place.name: {name: entry.value for name, entry in future.result(self._timeout).items()}
            for place, future in answers.items()
        }

    def _delete(self, places: list[TopicPartition]) -> None:
        for done in self._admin.delete_records(places, request_timeout=self._timeout).values():
            done.result(self._timeout)

    def _require(self, topics: Sequence[str]) -> None:
        """What was just created is not known to every broker at once."""
        for topic in set(topics) - set(self._topics()):
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART, f"topic {topic} is missing"))

    def _ids(self, topics: Sequence[str]) -> dict[str, str]:
        futures = self._admin.describe_topics(TopicCollection(list(topics)), request_timeout=self._timeout)
        found = {t: self._unless(KafkaError.UNKNOWN_TOPIC_OR_PART, future) for t, future in futures.items()}
        return {topic: str(description.topic_id) for topic, description in found.items() if description}

    def _offsets(self, topics: Sequence[str], which: OffsetSpec) -> Positions:
        found = self._topics()
        asked = [TopicPartition(t, p) for t in topics if t in found for p in found[t].partitions]
        positions: Positions = {topic: {} for topic in topics}
        if asked:
            request = dict.fromkeys(asked, which)
            for place, future in self._admin.list_offsets(request, request_timeout=self._timeout).items():
                positions[place.topic][place.partition] = future.result(self._timeout).offset
        return positions

    def _topics(self) -> dict[str, TopicMetadata]:
        return self._admin.list_topics(timeout=self._timeout).topics

    def _unless(self, expected: int, future: Future[Answer]) -> Answer | None:
        """The answer; None where it is the expected error."""
        try:
            return future.result(self._timeout)
        except KafkaException as problem:
            if problem.args[0].code() != expected:
                raise
            return None

    def _answer(self, ask: Callable[[], Answer]) -> Answer:
        patient = Retrying(
            retry=retry_if_exception(_passing),
            stop=stop_after_delay(self._timeout),
            wait=wait_fixed(0.1),
            reraise=True,
        )
        try:
            return patient(ask)
        except (KafkaException, TimeoutError) as problem:
            self._admin.poll(0)
            answer = problem.args[0] if isinstance(problem, KafkaException) else None
            if refusal := refused(self._settings, answer, self._last_error.error):
                if self._settings.broker_password == self._password:
                    raise BrokerRefuses(refusal) from problem
                self._connect()  # the password was changed since
                return self._answer(ask)
            why = answer.str() if answer else "no answer in time"
            raise BrokerUnavailable(
                f"no Kafka broker answers at {self._settings.kafka_bootstrap} ({why}): start it with"
                " 'make up', or name it with TWEETSIEVE_KAFKA_BOOTSTRAP_SERVERS; if it is up, see whether it"
                f" speaks {self._settings.kafka_protocol}, as TWEETSIEVE_KAFKA_SECURITY_PROTOCOL says"
            ) from problem


def _passing(problem: BaseException) -> bool:
    return isinstance(problem, KafkaException) and problem.args[0].code() in _PASSING


class _LastError:
    """What became of the newest try to connect: a broker that goes down while it looks at a password, and is
    then away, has not refused it."""

    error: KafkaError | None = None

    def note(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:  # which follows every error of a single broker
            self.error = error
