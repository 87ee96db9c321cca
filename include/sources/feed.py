"""A long-running feed of live posts into Kafka: ``python -m include.sources.feed --source replay``.

Runs until SIGTERM, then delivers the posts it has received. X charges for each post that is read: use
``--limit`` with it.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from collections.abc import Sequence

from include.console.arguments import CommandParser, one_of, whole_number
from include.console.command import command
from include.settings import Settings, get_settings
from include.sources.publish import PublishReport, make_producer, publish
from include.sources.x.stream import XSource

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 10.0
_PATIENCE = 60.0  # the replay server may be starting beside us


def feed(source: XSource, settings: Settings, *, limit: int | None = None) -> PublishReport:
    """Publish live posts until ``source.stop()``; logs its progress every ten seconds."""
    told, total = time.monotonic(), 0

    def progress(posts: dict[str, int]) -> None:
        nonlocal told, total
        if (now := time.monotonic()) - told >= PROGRESS_SECONDS:
            rate = (sum(posts.values()) - total) / (now - told)
            told, total = now, sum(posts.values())
            log.info("published %d posts (%s), %.1f/s, %d restarts", total, posts, rate, source.restarts)

    return publish(source, make_producer(settings), settings, limit=limit, on_progress=progress)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = CommandParser("include.sources.feed", __doc__)
    parser.add_argument(
        "--source", type=one_of("x", "replay"), default="replay", help="x or replay; replay by default"
    )
    parser.add_argument("--limit", type=whole_number(1), help="stop after so many posts; none by default")
    return parser.parse_args(arguments)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 after SIGTERM or the limit, 2 for an error that the user must correct, 1 if Kafka fails."""
    options = parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout)
    settings = get_settings()
    live = options.source == "x"
    source = XSource.live_x(settings) if live else XSource.replay(settings, patience=_PATIENCE)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: source.stop())
    report = feed(source, settings, limit=options.limit)
    log.info("stopped; published %s", report.posts)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
