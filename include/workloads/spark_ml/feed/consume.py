"""Take results from the sink Kafka, each once: ``python -m include.workloads.spark_ml.feed.consume``.

The sink sends at least once, and gives each row the key ``topic/partition/offset`` of its message: whoever
goes on with the results drops what comes twice by that key. This does, and prints each as a line of JSON.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

from include.console.arguments import CommandParser, finite_number, whole_number
from include.console.command import command, show
from include.settings import Settings


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Until SIGTERM, ``--count`` results, or ``--idle`` seconds without one."""
    options = parse(argv)
    from include.settings import get_settings

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    for place, (_, value) in enumerate(results(get_settings(), stop, options.idle), 1):
        show(value.decode())
        if place == options.count:
            break
    return 0


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = CommandParser("include.workloads.spark_ml.feed.consume", __doc__)
    parser.add_argument("--count", type=whole_number(1), help="stop after so many; none by default")
    parser.add_argument(
        "--idle", type=finite_number(0, 86_400, above=True), default=10.0,
        help="stop after so many seconds without a result; 10 by default",
    )  # fmt: skip
    return parser.parse_args(argv)


def results(settings: Settings, stop: threading.Event, idle: float) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each result from the topic's beginning, once, until ``idle`` seconds bring none.

    A consumer for long keeps the keys beside what it makes of them, as a unique column does.

    Raises:
        BrokerUnavailable: Kafka does not answer.
    """
    from include.infra.kafka.admin import Broker, BrokerUnavailable
    from include.infra.kafka.connection import make_consumer
    from include.workloads.spark_ml.base.settings import spark_ml_settings

    topic = spark_ml_settings().results_topic
    Broker(settings).highs([topic])  # a consumer that reaches no broker waits, and says nothing
    consumer = make_consumer(
        settings,
        {
            "group.id": "spark-ml-results",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        },
    )
    seen: set[bytes] = set()
    consumer.subscribe([topic])
    try:
        while not stop.is_set() and (message := consumer.poll(idle)) is not None:
            if problem := message.error():
                raise BrokerUnavailable(f"the results could not be read: {problem}")
            key, value = message.key() or b"", message.value() or b""
            if key not in seen:
                seen.add(key)
                yield key, value
    finally:
        consumer.close()


if __name__ == "__main__":
    sys.exit(main())
