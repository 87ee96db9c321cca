"""The live posts: X's filtered stream, read from X itself or from a local replay of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from include.infra.input_files.allowed import allowed_input
from include.infra.input_files.location import require_there
from include.infra.processes.paths import run_dir
from include.settings import Settings
from include.streaming.programs import Producer, Program

REPLAY_OPTIONS = ("--confined", "--rate=50", "--malformed=0.005", "--loops=1")
"""A stream as X sends it at a busy hour, with a broken line now and then; a dump is sent once."""


def replay_options_file(settings: Settings) -> Path:
    """Options of the replay server, one a line; written before each start by who chooses its posts."""
    return run_dir(settings) / "replay.options"


def choose_replay(settings: Settings, dump: str | None, stop: Callable[[], None]) -> None:
    """Have the replay send a dump, or synthetic posts, from its next start on; one that sends others stops.

    Raises:
        UserError: the dump is not there, or not where runs may read.
    """
    if dump:
        dump = str(allowed_input(dump, "dump", settings))
        require_there(dump)
    file = replay_options_file(settings)
    wanted = "\n".join([f"--source={dump or 'synthetic'}", *REPLAY_OPTIONS, ""])
    if not file.exists() or file.read_text(encoding="utf-8") != wanted:
        stop()
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(wanted, encoding="utf-8")


def _replay_arguments(settings: Settings) -> tuple[str, ...]:
    return (f"@{replay_options_file(settings)}",)


def _replay_ports(settings: Settings) -> dict[str, int]:
    return {"replay_port": settings.replay_port}


PRODUCERS = {
    "replay": Producer(
        programs=(
            Program("replay", "include.sources.replay", _replay_arguments, _replay_ports),
            Program("feed", "include.sources.feed", lambda _: ("--source", "replay")),
        ),
        configure=choose_replay,
    ),
    "x": Producer(programs=(Program("feed-x", "include.sources.feed", lambda _: ("--source", "x")),)),
}
"""By the name that the Param ``feed`` of ``stream_classifier`` chooses."""
