"""The drill's input."""

from __future__ import annotations

from include.posts.parse import parse_post
from include.posts.post import PostError
from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.samples import Samples
from tools.drill.testbed.messages import MALFORMED, TWICE, Input


class RecordedProducer:
    """Records what Kafka's client is given."""

    def __init__(self) -> None:
        self.produced: list[tuple[str, bytes, bytes | None]] = []

    def produce(self, topic: str, value: bytes, key: bytes | None) -> None:
        self.produced.append((topic, value, key))

    def flush(self, timeout: float) -> int:
        return 0


def recorded_input(samples: Samples) -> tuple[Input, RecordedProducer]:
    producer = RecordedProducer()
    made = Input(Settings(_env_file=None), ("a", "b"), samples)
    made._producer = producer  # type: ignore[assignment]
    return made, producer


def test_malformed_and_repeated_messages_are_counted() -> None:
    samples = Samples(lambda n: b"%d" % n, lambda n: b"bad %d" % n, lambda n: b"key %d" % n)
    put, producer = recorded_input(samples)
    put.send(150)
    put.send(50)
    assert vars(put.sent) == {"messages": 202, "malformed": 2, "twice": 2, "errors": 0}
    assert len(producer.produced) == 202
    assert ("b", b"bad %d" % MALFORMED, b"key %d" % MALFORMED) in producer.produced
    assert producer.produced.count(("b", b"%d" % TWICE, b"key %d" % TWICE)) == 2
    assert ("a", b"198", b"key 198") in producer.produced


def test_an_error_of_the_source_is_a_dead_letter_to_come() -> None:
    put, producer = recorded_input(Samples(bytes, bytes, source_error=str.encode))
    put.report_error("disk full")
    assert producer.produced == [("a", b"disk full", None)]
    assert put.sent.dead_letters == 1


def test_of_the_main_jobs_samples_only_the_malformed_are_refused() -> None:
    make = workload_named("ai_tweets").samples
    assert make is not None

    def refused(message: bytes) -> bool:
        try:
            parse_post(message)
        except PostError:
            return True
        return False

    samples = make()
    assert not any(refused(samples.valid(number)) for number in range(500))
    assert all(refused(samples.malformed(number)) for number in range(500))
    assert samples.valid(7) == samples.valid(7) != samples.valid(8)
