"""A local server with X API v2's filtered stream, for tests and for users without a key.

``python -m include.sources.replay --source synthetic --rate 20`` streams generated posts,
``--source PATH`` those of a dump. Options make it fail in the ways X does.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import signal

from include.console.arguments import CommandParser, finite_number, whole_number
from include.console.command import command, complain
from include.errors import OUTAGE_EXIT_CODE, USER_ERROR_EXIT_CODE
from include.settings import get_settings
from include.sources.replay.faults import Behaviour
from include.sources.replay.posts import source_of, stream_posts
from include.sources.replay.server import Replay, ReplayFailed, serve

log = logging.getLogger(__name__)


async def _main(options: argparse.Namespace) -> None:
    settings = get_settings()
    behaviour = Behaviour(**{name: getattr(options, name) for name in Behaviour.__dataclass_fields__})
    posts = stream_posts(
        source_of(options.source, settings, options.seed, confined=options.confined), options.loops
    )
    replay = Replay(posts, behaviour, random.Random(options.seed))
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, replay.stopping.set)
    await serve(replay, settings, options.port or settings.replay_port)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    defaults = Behaviour()
    share = finite_number(0, 1)
    parser = CommandParser(
        "include.sources.replay",
        __doc__,
        epilog="@FILE reads options from a file, one a line",
        fromfile_prefix_chars="@",
    )
    parser.add_argument("--port", type=whole_number(1, 65_535), help="default: the setting replay_port")
    parser.add_argument("--source", default="synthetic", help="synthetic, or a dump's path")
    parser.add_argument(
        "--confined",
        action="store_true",
        help="read a dump only where runs of DAGs may: TWEETSIEVE_INPUT_FOLDERS",
    )
    parser.add_argument("--seed", type=whole_number(0), default=0, help="0 by default")
    parser.add_argument(
        "--rate", type=finite_number(0), default=defaults.rate, help="posts per second; 0: no limit"
    )
    parser.add_argument(
        "--loops", type=whole_number(0), default=defaults.loops, help="repetitions of a dump; 0: no end"
    )
    parser.add_argument("--malformed", type=share, default=0.0, help="share of broken lines, 0-1")
    parser.add_argument("--untagged", type=share, default=0.0, help="share of rule matches without tag, 0-1")
    parser.add_argument("--disconnect-every", type=whole_number(0), default=0, help="posts per connection")
    parser.add_argument(
        "--fail-connects", type=whole_number(0), default=0, help="connects to refuse at first"
    )
    parser.add_argument(
        "--fail-status", type=int, default=503, choices=[429, 500, 503], help="503 by default"
    )
    parser.add_argument(
        "--keep-alive", type=finite_number(0, above=True), default=defaults.keep_alive, help="seconds"
    )
    return parser.parse_args(arguments)


@command
def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM; exit code 2 for a taken port or an unreadable dump, 1 if its source fails."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    options = _options(arguments)
    try:
        asyncio.run(_main(options))
    except ReplayFailed:
        log.exception("the replay ended, as its source failed")
        return OUTAGE_EXIT_CODE
    except OSError as error:
        if error.filename is not None:
            raise
        port = options.port or get_settings().replay_port
        complain(f"port {port} can't be opened ({error.strerror}): choose another TWEETSIEVE_REPLAY_PORT")
        return USER_ERROR_EXIT_CODE
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
