"""Live messages: the producer, with made-up messages or those of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from include.errors import UserError
from include.infra.processes.paths import run_dir
from include.settings import Settings
from include.streaming.programs import Producer, Program


def source_file(settings: Settings) -> Path:
    """Options of the producer, one a line; written before each start by who chooses what it sends."""
    return run_dir(settings) / "sentiment-producer.options"


def choose(settings: Settings, source: str | None, stop: Callable[[], None]) -> None:
    """Have the producer send a file's texts, or made-up ones, from its next start on.

    Raises:
        UserError: there is no such file.
    """
    if source and not Path(source).is_file():
        raise UserError(f"{source} is no file of texts: give a file with one on each line, or none at all")
    wanted = f"--file={Path(source).absolute()}\n" if source else ""
    file = source_file(settings)
    if not file.exists() or file.read_text(encoding="utf-8") != wanted:
        stop()
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(wanted, encoding="utf-8")


def _arguments(settings: Settings) -> tuple[str, ...]:
    return (f"@{source_file(settings)}",)


PRODUCERS = {
    "producer": Producer(
        (Program("sentiment-producer", "include.workloads.sentiment.producer", _arguments),), choose
    )
}
"""By the name that the Param ``feed`` of ``stream_classifier`` chooses."""
