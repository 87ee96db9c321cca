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

from include.errors import USER_ERROR_EXIT_CODE, UserError
from include.infra.kafka.admin import BrokerUnavailable
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


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 after SIGTERM or the limit, 2 for an error that the user must correct, 1 if Kafka fails."""
    parser = argparse.ArgumentParser(prog="python -m include.sources.feed", description=__doc__)
    parser.add_argument("--source", choices=["x", "replay"], default="replay")
    parser.add_argument("--limit", type=int, help="stop after so many posts")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout)
    settings = get_settings()
    try:
        source = (
            XSource.live_x(settings)
            if options.source == "x"
            else XSource.replay(settings, patience=_PATIENCE)
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: source.stop())
        report = feed(source, settings, limit=options.limit)
    except UserError as error:
        log.error("%s", error)
        return USER_ERROR_EXIT_CODE
    except BrokerUnavailable as error:
        log.error("%s", error)
        return 1
    log.info("stopped; published %s", report.posts)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
