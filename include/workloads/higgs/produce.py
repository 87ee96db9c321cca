"""Send events to Kafka at a set rate: ``python -m include.workloads.higgs.produce --rate 1000``.

Runs until SIGTERM, or ``--events``, then waits for the last delivery reports. Without a file the events are
made up.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, Message, Producer

from include.console.arguments import CommandParser, finite_number, one_of, whole_number
from include.console.command import command, show
from include.infra.kafka.admin import Broker, BrokerUnavailable
from include.settings import get_settings
from include.sources.publish import make_producer
from include.workloads.higgs.base.settings import higgs_settings
from include.workloads.higgs.data.labelled import SOURCES
from include.workloads.higgs.data.stream import event_messages

log = logging.getLogger(__name__)

TOLD_SECONDS = 10.0
FLUSH_SECONDS = 60.0
AT_ONCE_SECONDS = 0.02
"""How far ahead of its rate the producer may be: the events of so long are sent in one go."""


@dataclass
class Deliveries:
    """What Kafka has said of each event: the producer's delivery reports."""

    sent: int = 0
    delivered: int = 0
    failed: int = 0
    problem: str = ""
    seconds: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    def report(self, error: KafkaError | None, _message: Message) -> None:
        """One delivery report."""
        if error is None:
            self.delivered += 1
        else:
            self.failed += 1
            self.problem = self.problem or str(error)
        self.seconds = time.monotonic() - self._began

    def told(self) -> str:
        """
        >>> Deliveries(sent=3, delivered=2, failed=1, problem="full", seconds=2.0).told()
        '3 events sent, 2 delivered, 1 failed (full), 1 delivered a second'
        """
        why = f" ({self.problem})" if self.problem else ""
        rate = self.delivered / self.seconds if self.seconds else 0.0
        return (
            f"{self.sent:,} events sent, {self.delivered:,} delivered, {self.failed:,} failed{why}, "
            f"{rate:,.0f} delivered a second"
        )


def send(
    events: Iterable[tuple[bytes, bytes]],
    producer: Producer,
    topic: str,
    rate: float,
    stop: threading.Event,
    say: Callable[[str], None] = log.info,
) -> Deliveries:
    """Send events, ``rate`` a second, until they end or a stop is asked for; all reports are in then.

    Raises:
        BrokerUnavailable: Kafka did not take an event, or has not said so in time.
    """
    found, began, told = Deliveries(), time.monotonic(), time.monotonic()
    for key, value in events:
        ahead = found.sent / rate - (time.monotonic() - began)
        if ahead > AT_ONCE_SECONDS and stop.wait(ahead):
            break
        if stop.is_set() or found.failed:
            break
        _produce(producer, topic, key, value, found)
        if time.monotonic() - told >= TOLD_SECONDS:
            told = time.monotonic()
            say(found.told())
    left = producer.flush(FLUSH_SECONDS)
    if left or found.failed:
        raise BrokerUnavailable(f"{found.told()}, {left} without a report: is Kafka up? (make status)")
    return found


def _produce(producer: Producer, topic: str, key: bytes, value: bytes, found: Deliveries) -> None:
    while True:
        try:
            producer.produce(topic, value, key, on_delivery=found.report)
            break
        except BufferError:  # the client's queue is full: let the broker catch up
            producer.poll(0.1)
    found.sent += 1
    producer.poll(0)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = CommandParser("include.workloads.higgs.produce", __doc__, fromfile_prefix_chars="@")
    add = parser.add_argument
    add(
        "--source",
        type=one_of(*SOURCES),
        default="synthetic",
        help=f"{', '.join(SOURCES)}; synthetic by default",
    )
    add("--path", help="CSV file of the source atlas or fair_universe; it is sent again and again")
    add(
        "--rate",
        type=finite_number(0, 1e6, above=True),
        default=1000.0,
        help="events a second; 1000 by default",
    )
    add("--events", type=whole_number(1), help="stop after so many; none by default")
    add("--seed", type=whole_number(0, 2**31), default=1, help="of made-up events; 1 by default")
    return parser.parse_args(arguments)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 after SIGTERM or the last event, 2 for what a person has to correct, 1 if Kafka fails."""
    options = parse(arguments)
    settings, topic = get_settings(), higgs_settings().topic
    events = event_messages(options.source, options.path, options.seed)
    Broker(settings).create_missing([topic])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    chosen = (
        events
        if options.events is None
        else (one for one, _ in zip(events, range(options.events), strict=False))
    )
    show(f"sending events ({options.source}) to {topic} at {options.rate:g} a second")
    show(send(chosen, make_producer(settings), topic, options.rate, stop, show).told())
    return 0


if __name__ == "__main__":
    sys.exit(main())
