"""Send rows to Kafka at a set rate: ``python -m include.workloads.spark_ml.feed.produce --rate 1000``.

Runs until SIGTERM, or ``--rows``, then waits for the last delivery reports. Without a file the rows are made
up; those of a CSV file, whose label is left out, come again and again.
"""

from __future__ import annotations

import argparse
import itertools
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from include.console.arguments import CommandParser, existing_file, finite_number, some_text, whole_number
from include.console.command import command, show
from include.errors import UserError
from include.workloads.spark_ml.base.row import FEATURES
from include.workloads.spark_ml.data.messages import message
from include.workloads.spark_ml.data.synthetic import chunk

AT_ONCE_SECONDS = 0.02
"""How far ahead of its rate the producer may be: the rows of so long are sent in one go."""
FLUSH_SECONDS = 60.0


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 after SIGTERM or the last row, 1 where Kafka did not take one."""
    options = parse(argv)
    rows = itertools.islice(features(options.path, options.seed), options.rows)  # before Kafka is asked
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    values = messages(rows, options.error_every, options.error)
    show(f"{send(values, options.rate, stop):,} rows delivered")
    return 0


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = CommandParser("include.workloads.spark_ml.feed.produce", __doc__, fromfile_prefix_chars="@")
    add = parser.add_argument
    add(
        "--rate",
        type=finite_number(0, 1e6, above=True),
        default=1000.0,
        help="rows a second; 1000 by default",
    )
    add("--rows", type=whole_number(1), help="stop after so many; none by default")
    add(
        "--path",
        type=existing_file,
        help="CSV file with the features, sent repeatedly; else made-up rows",
    )
    add("--seed", type=whole_number(0, 2**31), default=1, help="of made-up rows; 1 by default")
    add("--error-every", type=whole_number(1), help="one row of so many reports an error; none by default")
    add("--error", type=some_text, default="sensor overheated", help="what it reports")
    return parser.parse_args(argv)


def features(path: Path | None, seed: int) -> Iterator[np.ndarray]:
    """The features of rows without end, each float64[28].

    Raises:
        UserError: the file is none of such rows.
    """
    if path is None:
        return (one for number in itertools.count() for one in chunk(seed, number)[0])
    import pyarrow as pa
    from pyarrow import ArrowException, csv

    doubles = pa.schema([pa.field(name, pa.float64()) for name in FEATURES])
    try:
        table = csv.read_csv(path).select(FEATURES).cast(doubles)
    except (ArrowException, KeyError) as problem:
        raise UserError(f"{path} has other columns than the declared features: {problem}") from None
    found = np.column_stack([column.to_numpy() for column in table.columns])
    if not len(found) or not np.isfinite(found).all():
        raise UserError(f"{path} has no rows, or a row without a finite number")
    return itertools.cycle(found)


def messages(rows: Iterator[np.ndarray], error_every: int | None, error: str) -> Iterator[bytes]:
    """The messages that carry these rows, numbered from 0."""
    for number, row in enumerate(rows):
        wrong = error_every is not None and number % error_every == error_every - 1
        yield message(number, row, error if wrong else "OK")


def send(values: Iterator[bytes], rate: float, stop: threading.Event) -> int:
    """Send messages, ``rate`` a second; how many the broker has.

    Raises:
        BrokerUnavailable: it did not take all of them.
    """
    from include.infra.kafka.admin import Broker, BrokerUnavailable
    from include.settings import get_settings
    from include.sources.publish import make_producer
    from include.workloads.spark_ml.base.settings import spark_ml_settings

    settings, topic = get_settings(), spark_ml_settings().topic
    Broker(settings).create_missing([topic])
    producer, sent, failed, began = make_producer(settings), 0, list[object](), time.monotonic()

    def report(error: object, _message: object) -> None:
        if error is not None:
            failed.append(error)

    for value in values:
        ahead = sent / rate - (time.monotonic() - began)
        if stop.is_set() or failed or (ahead > AT_ONCE_SECONDS and stop.wait(ahead)):
            break
        while True:
            try:
                producer.produce(topic, value, b"%d" % sent, on_delivery=report)
                break
            except BufferError:  # the client's queue is full: let the broker catch up
                producer.poll(0.1)
        sent += 1
        producer.poll(0)
    left = producer.flush(FLUSH_SECONDS)
    if left or failed:
        raise BrokerUnavailable(
            f"{left + len(failed)} of {sent} rows were not taken ({failed[0] if failed else 'no answer'}): is"
            " Kafka up? (make status)"
        )
    return sent


if __name__ == "__main__":
    sys.exit(main())
