"""The workload's producer beside a stream: events at a set rate, made up or of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from include.infra.input_files.location import require_there
from include.infra.processes.paths import run_dir
from include.settings import Settings
from include.streaming.programs import Producer, Program

RATE = 2000
"""Events a second."""


def options_file(settings: Settings) -> Path:
    """Options of the producer, one a line; written before each start by who chooses its events."""
    return run_dir(settings) / "higgs-events.options"


def choose(settings: Settings, file: str | None, stop: Callable[[], None]) -> None:
    """Have the producer send a file of ATLAS events, or made-up ones, from its next start on.

    Raises:
        InputFileError: the file is not there.
    """
    options = [f"--rate={RATE}", *([f"--source=atlas\n--path={file}"] if file else ["--source=synthetic"])]
    if file:
        require_there(file)
    wanted, place = "\n".join([*options, ""]), options_file(settings)
    if not place.exists() or place.read_text(encoding="utf-8") != wanted:
        stop()
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.write_text(wanted, encoding="utf-8")


def _arguments(settings: Settings) -> tuple[str, ...]:
    return (f"@{options_file(settings)}",)


PRODUCERS = {
    "events": Producer((Program("higgs-events", "include.workloads.higgs.produce", _arguments),), choose)
}
"""By the name that the Param ``feed`` of ``stream_classifier`` chooses."""
