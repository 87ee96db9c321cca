"""The producer beside a stream, with made-up rows or those of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from include.errors import UserError
from include.infra.processes.paths import run_dir
from include.settings import Settings
from include.streaming.programs import Producer, Program


def options_file(settings: Settings) -> Path:
    """Options of the producer, one a line; written before each start by who chooses what it sends."""
    return run_dir(settings) / "spark-ml-rows.options"


def choose(settings: Settings, source: str | None, stop: Callable[[], None]) -> None:
    """Have the producer send a file's rows, or made-up ones, from its next start on.

    Raises:
        UserError: there is no such file.
    """
    if source and not Path(source).is_file():
        raise UserError(f"{source} is no file of rows: give a CSV file with the declared columns, or none")
    lines = ["--rate=2000", "--error-every=20000", *([f"--path={Path(source).absolute()}"] if source else [])]
    wanted, file = "\n".join([*lines, ""]), options_file(settings)
    if not file.exists() or file.read_text(encoding="utf-8") != wanted:
        stop()
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(wanted, encoding="utf-8")


def _arguments(settings: Settings) -> tuple[str, ...]:
    return (f"@{options_file(settings)}",)


PRODUCERS = {
    "rows": Producer(
        (Program("spark-ml-rows", "include.workloads.spark_ml.feed.produce", _arguments),), choose
    )
}
"""By the name that the Param ``feed`` of ``stream_classifier`` chooses."""
