"""Send messages to the topic of the workload sentiment, each with a uuid as its key.

    python -m include.workloads.sentiment.producer --rate 50 --count 1000
    python -m include.workloads.sentiment.producer --file texts.txt --rate 0

Every message's delivery is reported by the broker; the number of those delivered is told at the end, and
what was not delivered is an error. Without --file the messages are made up. A file has a text, or a JSON
object with "data", on each line.
"""

from __future__ import annotations

import argparse
import itertools
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import orjson

from include.console.arguments import CommandParser, existing_file, finite_number, whole_number
from include.console.command import command, show

if TYPE_CHECKING:
    from include.settings import Settings

SAY_EVERY = 10.0
FLUSH_SECONDS = 31.0
"""A little longer than the client itself tries to deliver a message."""


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Send until all is sent, or SIGTERM; exit code 1 where something was not delivered."""
    options = parse(argv)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    from include.settings import get_settings

    values = itertools.islice(_from_file(options.file) if options.file else made_up(), options.count)
    sent = Sender(get_settings(), options.rate, stop, show).send(values)
    show(f"delivered {sent:,} messages")
    return 0


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = CommandParser(
        "include.workloads.sentiment.producer", __doc__, fromfile_prefix_chars="@",
        epilog="@FILE: options from a file, one a line.",
    )  # fmt: skip
    add = parser.add_argument
    add(
        "--rate",
        type=finite_number(0, 1_000_000),
        default=20.0,
        help="messages a second; 0: as fast as it goes",
    )
    add("--count", type=whole_number(1), help="how many; else without end, or to the end of the file")
    add("--file", type=existing_file, help="texts to send, a line each; else made-up ones")
    return parser.parse_args(argv)


class Sender:
    """Sends values at a steady rate, and counts what the broker confirms."""

    def __init__(
        self, settings: Settings, rate: float, stop: threading.Event, say: Callable[[str], None]
    ) -> None:
        from include.infra.kafka.admin import Broker
        from include.sources.publish import make_producer
        from include.workloads.sentiment.base.settings import sentiment_settings

        self._settings, self._rate, self._stop, self._say = settings, rate, stop, say
        self._topic = sentiment_settings().topic
        Broker(settings).create_missing([self._topic])
        self._producer = make_producer(settings)
        self._delivered = 0
        self._error: object = None

    def send(self, values: Iterator[bytes]) -> int:
        """How many were delivered: all that were sent.

        Raises:
            BrokerUnavailable: the broker did not take one.
        """
        began = said = time.monotonic()
        for number, value in enumerate(values):
            if self._stop.is_set() or (self._rate and self._stop.wait(self._early(began, number))):
                break
            self._produce(value)
            if time.monotonic() - said >= SAY_EVERY:
                said = time.monotonic()
                self._say(f"delivered {self._delivered:,} messages so far")
        left = self._producer.flush(FLUSH_SECONDS)
        self._check()
        if left:
            self._fail(f"{left} messages were not taken in time")
        return self._delivered

    def _early(self, began: float, number: int) -> float:
        return max(0.0, began + number / self._rate - time.monotonic())

    def _produce(self, value: bytes) -> None:
        from confluent_kafka import KafkaException

        while True:
            try:
                self._producer.produce(
                    self._topic, value, key=str(uuid.uuid4()).encode(), on_delivery=self._report
                )
                break
            except BufferError:  # the client's queue is full: let the broker catch up
                self._producer.poll(0.1)
            except KafkaException as error:  # such as one that is too large
                self._fail(str(error.args[0]))
        self._producer.poll(0)
        self._check()

    def _report(self, error: object, message: object) -> None:
        if error is None:
            self._delivered += 1
        self._error = self._error or error

    def _check(self) -> None:
        if self._error is not None:
            self._fail(str(self._error))

    def _fail(self, why: str) -> NoReturn:
        from include.infra.kafka.admin import BrokerUnavailable

        raise BrokerUnavailable(
            f"Kafka at {self._settings.kafka_bootstrap} did not take a message ({self._delivered:,} were "
            f"delivered): {why}"
        )


def made_up() -> Iterator[bytes]:
    """Messages without end, others in each run."""
    from include.workloads.sentiment.samples import message

    seed = uuid.uuid4().int % 2**40
    return (message(seed + number) for number in itertools.count())


def _from_file(file: Path) -> Iterator[bytes]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if text := line.rstrip("\r\n"):
                yield text.encode() if _is_message(text) else orjson.dumps({"data": text})


def _is_message(text: str) -> bool:
    """Whether a line is a message as it stands.

    >>> _is_message('{"data": "fine"}'), _is_message("fine")
    (True, False)
    """
    if not text.startswith("{"):
        return False
    try:
        return "data" in orjson.loads(text)
    except orjson.JSONDecodeError:
        return False


if __name__ == "__main__":
    sys.exit(main())
