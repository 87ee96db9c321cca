"""Score texts over HTTP with one version of the model.

    python -m include.workloads.sentiment.service --version a

``POST /predict {"data": "some text"}`` answers ``{"compound", "neg", "neu", "pos"}``; ``POST /predict/batch``
takes a list and answers with the version's name. Limits, ports and the number of processes are settings,
``TWEETSIEVE_SENTIMENT_<NAME>``.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Sequence

from include.console.arguments import CommandParser, one_of, plain_name, whole_number
from include.console.command import command, complain
from include.infra.allowed_hosts import AllowedHosts
from include.settings import get_settings
from include.workloads.sentiment.base.settings import SentimentSettings, sentiment_settings

log = logging.getLogger("tweetsieve.sentiment")

KEEPALIVE_SECONDS = 75.0
"""Longer than clients keep an idle connection, so that the client closes it."""
DRAIN_SECONDS = 10.0


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; requests under way are still answered."""
    options = parse(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    settings = sentiment_settings()
    count = options.processes or settings.processes
    if count > 1 and not options.worker:
        return _several(options, count)
    port = options.port or settings.port(options.version)
    try:
        asyncio.run(_serve(options, settings, port))
    except OSError as error:
        complain(
            f"can't listen on {options.host}:{port} ({error.strerror or error}); free the port, or set "
            f"another one (TWEETSIEVE_SENTIMENT_{options.version.upper()}_PORT, --port)"
        )
        return 1
    return 0


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = CommandParser("include.workloads.sentiment.service", __doc__)
    add = parser.add_argument
    add("--version", type=one_of("a", "b"), required=True, help="a: NLTK's VADER, b: vaderSentiment")
    add("--host", type=plain_name, default=get_settings().host, help="address to listen on")
    add("--port", type=whole_number(1, 65_535), help="else that of the settings")
    add("--processes", type=whole_number(1, 64), help="on this port; else that of the settings")
    add("--worker", action="store_true", help="be one of several; the first process starts the others so")
    return parser.parse_args(argv)


def _several(options: argparse.Namespace, count: int) -> int:
    from include.workloads.sentiment.service.processes import Processes

    given = ["--version", options.version, "--host", options.host, "--worker"]
    given += ["--port", str(options.port)] if options.port else []
    with tempfile.TemporaryDirectory(prefix="tweetsieve-sentiment-") as folder:
        environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": folder}
        own = [sys.executable, "-m", "include.workloads.sentiment.service", *given]
        return Processes(own, count, environment).run()


async def _serve(options: argparse.Namespace, settings: SentimentSettings, port: int) -> None:
    from aiohttp import web

    from include.workloads.sentiment.service.app import make_app

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if options.worker:
        loop.add_reader(sys.stdin.fileno(), ended.set)  # at its end the first process is gone
    hosts = AllowedHosts.listed(get_settings().allowed_hosts, options.host)
    app = make_app(options.version, settings, hosts)
    runner = web.AppRunner(
        app, access_log=None, keepalive_timeout=KEEPALIVE_SECONDS, shutdown_timeout=DRAIN_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, options.host, port, reuse_port=options.worker or None).start()
        log.info("version %s listens on http://%s:%s", options.version, options.host, port)
        await ended.wait()
        loop.remove_reader(sys.stdin.fileno())
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    sys.exit(main())
