"""The live posts beside the streaming classifier: what publishes them, and the server it reads from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from include.errors import UserError
from include.infra.postgres.connection import connect
from include.infra.processes.paths import replay_options_file
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.streaming.control import launcher
from include.streaming.state.desired_state import want

FEEDS: dict[str, tuple[str, ...]] = {"none": (), "replay": ("replay", "feed"), "x": ("feed-x",)}
"""Programs of a live feed, by the kind of its source, in the order of their start."""

REPLAY_OPTIONS = ("--rate=50", "--malformed=0.005", "--loops=1")
"""A stream as X sends it at a busy hour, with a broken line now and then; a dump is sent once."""

FIRST_PROGRESS_SECONDS = 900.0

WORKLOAD = "ai_tweets"
"""The one that the launcher runs."""


def ensure_stream(*, feed: str, dump: str | None) -> None:
    """What the DAG's task calls: the stream and its feed run, and the stream makes progress.

    Raises:
        UserError: no such feed, or a dump that is not there.
        StreamDown: the stream ended, or makes no progress.
    """
    settings, began = get_settings(), datetime.now(UTC)
    if dump and not Path(dump).exists():
        raise UserError(f"dump {dump}: no such file or folder")
    _want(settings, running=True)
    print(f"the stream: {launcher.ensure(settings)}")
    ensure_feed(settings, feed, dump)
    print(f"its progress: {launcher.wait_for_progress(settings, FIRST_PROGRESS_SECONDS, began)}")


def drain_stream() -> None:
    """What the DAG's task calls: the feed stops, then the stream ends its batch and stops."""
    settings = get_settings()
    _want(settings, running=False)  # first, or a watcher would start it again
    stop_feed(settings)
    launcher.drain(settings)
    _want(settings, running=False)  # once more, for one that was just starting
    print("the stream is drained")


def _want(settings: Settings, *, running: bool) -> None:
    with connect(settings) as connection:
        require_current_schema(connection)
        want(connection, WORKLOAD, running=running)


def ensure_feed(settings: Settings, kind: str, dump: str | None = None) -> None:
    """See that a live feed runs; a replay that sends something else is started anew.

    Raises:
        UserError: no such kind.
        StackError: a program could not be started; names its log.
    """
    if kind not in FEEDS:
        raise UserError(f"no live feed of kind {kind!r}; there is: {', '.join(FEEDS)}")
    where = launcher.launcher(settings)
    if "replay" in FEEDS[kind]:
        _choose_replay(settings, dump, lambda: where.stop("replay"))
    for program in FEEDS[kind]:
        where.start(program)


def stop_feed(settings: Settings) -> None:
    """Stop every program of every feed, the publisher before its server."""
    where = launcher.launcher(settings)
    for programs in FEEDS.values():
        for program in reversed(programs):
            where.stop(program)


def _choose_replay(settings: Settings, dump: str | None, stop: Callable[[], None]) -> None:
    """Write the replay's options for its next start; stop one that was started with others."""
    file = replay_options_file(settings)
    wanted = "\n".join([f"--source={dump or 'synthetic'}", *REPLAY_OPTIONS, ""])
    if not file.exists() or file.read_text(encoding="utf-8") != wanted:
        stop()
        file.write_text(wanted, encoding="utf-8")
