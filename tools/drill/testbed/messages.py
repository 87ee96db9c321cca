"""The drill's input: known messages, one in a hundred malformed, one in a hundred sent twice."""

from __future__ import annotations

import threading
from dataclasses import astuple, dataclass

from include.infra.kafka.connection import make_producer
from include.settings import Settings
from include.streaming.samples import Samples

MALFORMED, TWICE = 7, 3
"""The last two digits of the numbers of messages that are malformed, and of those that are sent twice."""


@dataclass(frozen=True)
class Sent:
    """What was sent to Kafka so far."""

    messages: int = 0
    malformed: int = 0
    twice: int = 0
    errors: int = 0

    @property
    def dead_letters(self) -> int:
        """How many messages no model may ever see."""
        return self.malformed + self.errors


class Input:
    """Sends a workload's sample messages to its topics in turn, and counts them.

    Delivery is idempotent: a retry by the client adds no message.
    """

    def __init__(self, settings: Settings, topics: tuple[str, ...], samples: Samples) -> None:
        self._topics, self._samples = topics, samples
        self._producer = make_producer(
            settings,
            {
                "enable.idempotence": True,
                "linger.ms": 20,
                "queue.buffering.max.messages": 400_000,
                "log_level": 0,
            },
        )
        self._next = 0
        self._counting = threading.Lock()
        self.sent = Sent()

    def send(self, count: int) -> None:
        """Send ``count`` more numbers, some of them twice. Does not wait."""
        with self._counting:  # a load and a fault may both send
            numbers = range(self._next, self._next + count)
            self._next += count
        for number in numbers:
            for _ in range(2 if number % 100 == TWICE else 1):
                self._send(number)
        twice = sum(number % 100 == TWICE for number in numbers)
        self._count(count + twice, sum(number % 100 == MALFORMED for number in numbers), twice, 0)

    def send_large(self, count: int) -> None:
        """Send ``count`` more numbers as large messages, each once. Does not wait."""
        assert self._samples.large is not None
        with self._counting:
            numbers = range(self._next, self._next + count)
            self._next += count
        for number in numbers:
            key = self._samples.key(number) if self._samples.key else None
            self._produce(self._topics[number % len(self._topics)], self._samples.large(number), key)
        self._count(count, 0, 0, 0)

    def report_error(self, text: str) -> None:
        """Send a message by which the source reports an error, and wait until the broker has it."""
        assert self._samples.source_error is not None
        self._produce(self._topics[0], self._samples.source_error(text), None)
        self._count(1, 0, 0, 1)
        self.flush()

    def flush(self) -> None:
        """Wait until the broker has every message, through a restart of it.

        Raises:
            TimeoutError: it has not within 120 s.
        """
        left = self._producer.flush(120)
        if left:
            raise TimeoutError(f"{left} messages were not taken by Kafka within 120 s")

    def _count(self, *more: int) -> None:
        """Add to what was sent; a load and an error may come at once."""
        with self._counting:
            self.sent = Sent(*(old + new for old, new in zip(astuple(self.sent), more, strict=True)))

    def _send(self, number: int) -> None:
        samples = self._samples
        value = samples.malformed(number) if number % 100 == MALFORMED else samples.valid(number)
        key = samples.key(number) if samples.key else None
        self._produce(self._topics[number % len(self._topics)], value, key)

    def _produce(self, topic: str, value: bytes, key: bytes | None) -> None:
        while True:
            try:
                return self._producer.produce(topic, value, key)
            except BufferError:
                self._producer.poll(0.1)
