"""The drill's input: known messages, one in a hundred malformed, one in a hundred sent twice."""

from __future__ import annotations

import random
import threading
from dataclasses import astuple, dataclass

import orjson
from confluent_kafka import Producer

from include.settings import Settings

MALFORMED, TWICE = 7, 3
"""The last two digits of the numbers of messages that are cut off, and of those that are sent twice."""


@dataclass(frozen=True)
class Sent:
    """What went into Kafka so far."""

    messages: int = 0
    malformed: int = 0
    twice: int = 0
    errors: int = 0

    @property
    def dead_letters(self) -> int:
        """How many messages no model may ever see."""
        return self.malformed + self.errors


def message(number: int) -> bytes:
    """One post of X's plain form, the same for the same number; cut off where it is a malformed one.

    >>> message(7)
    b'{"id_str": "7", "text": "cut o'
    """
    if number % 100 == MALFORMED:
        return b'{"id_str": "%d", "text": "cut o' % number
    rng = random.Random(number)
    link = f" https://site{rng.randrange(50)}.example/{rng.randrange(200)}" if number % 3 == 0 else ""
    words = " ".join(rng.choices(_WORDS, k=12))
    return orjson.dumps({"id_str": str(number), "text": f"post {number} {words}{link}"})


_WORDS = [
    "neural",
    "data\tmodel",
    "pizza",
    "back\\slash",
    "日本",
    "\\N",
    "line\nbreak",
    "\"quoted\" 'words'",
    "{}",
]


class Input:
    """Sends messages and keeps count of them. Delivery is idempotent: a retry puts nothing in twice."""

    def __init__(self, settings: Settings) -> None:
        self._topics = (settings.mix_topic, settings.ai_topic)
        self._producer = Producer(
            {
                "bootstrap.servers": settings.kafka_bootstrap,
                "enable.idempotence": True,
                "linger.ms": 20,
                "queue.buffering.max.messages": 400_000,
                "log_level": 0,
            }
        )
        self._next = 0
        self._counting = threading.Lock()
        self.sent = Sent()

    def send(self, count: int) -> None:
        """Put ``count`` more numbers in, in either topic in turn; some of them twice. Does not wait."""
        numbers = range(self._next, self._next + count)
        self._next += count
        for number in numbers:
            for _ in range(2 if number % 100 == TWICE else 1):
                self._put(self._topics[number % 2], message(number))
        twice = sum(number % 100 == TWICE for number in numbers)
        self._count(count + twice, sum(number % 100 == MALFORMED for number in numbers), twice, 0)

    def report_error(self, text: str) -> None:
        """Put a message in by which the source reports an error, and wait until the broker has it."""
        self._put(self._topics[0], orjson.dumps({"errors": [{"title": text}]}))
        self._count(1, 0, 0, 1)
        self.flush()

    def flush(self) -> None:
        """Wait until the broker has all of them, through a restart of it."""
        left = self._producer.flush(120)
        if left:
            raise TimeoutError(f"{left} messages were not taken by Kafka within 120 s")

    def _count(self, *more: int) -> None:
        """Add to what was sent; a load and an error may come at once."""
        with self._counting:
            self.sent = Sent(*(old + new for old, new in zip(astuple(self.sent), more, strict=True)))

    def _put(self, topic: str, value: bytes) -> None:
        while True:
            try:
                return self._producer.produce(topic, value)
            except BufferError:
                self._producer.poll(0.1)
