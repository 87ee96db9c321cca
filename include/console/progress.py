"""A sign of life from a long step, with an estimate of its length from the last time it was done.

On a terminal one line is kept up to date; elsewhere a line is written every half minute. How long a step
took is kept in ``durations.json`` of the folder that is given, after it has succeeded.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self, TextIO

FILE = "durations.json"
TERMINAL_SECONDS, LINE_SECONDS = 1.0, 30.0
SHORTEST_KEPT = 5.0
"""Seconds. What is over sooner was done already, as a second ``make up`` is: it says nothing of the next."""
_CLEAR = "\r\033[K"

_shown = threading.Lock()
_line = ""


@contextmanager
def step(name: str, folder: Path, stream: TextIO | None = None, every: float | None = None) -> Iterator[None]:
    """Say every now and then that a step goes on, for how long and how long it took the last time.

    Args:
        name: what is done, such as "training"; its duration is kept under this name.
        folder: where durations are kept; made where it is missing.
        stream: standard error by default.
        every: seconds between two signs of life.
    """
    stream = stream or sys.stderr
    terminal = stream.isatty()
    usual, began, over = last_duration(name, folder), time.monotonic(), threading.Event()

    def tell() -> None:
        while not over.wait(every or (TERMINAL_SECONDS if terminal else LINE_SECONDS)):
            _show(sign(name, time.monotonic() - began, usual), stream, terminal)

    teller = threading.Thread(target=tell, name="progress", daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
        clear(stream)
    if (seconds := time.monotonic() - began) >= SHORTEST_KEPT:
        _keep(name, seconds, folder)


def sign(name: str, seconds: float, usual: float | None) -> str:
    """The line.

    >>> sign("training", 40, 93.4), sign("training", 100, 90), sign("training", 40, None)
    ('training: 40 s of about 93 s', 'training: 100 s (90 s the last time)', 'training: 40 s so far')
    """
    if usual is None:
        return f"{name}: {seconds:.0f} s so far"
    if seconds <= usual:
        return f"{name}: {seconds:.0f} s of about {usual:.0f} s"
    return f"{name}: {seconds:.0f} s ({usual:.0f} s the last time)"


def last_duration(name: str, folder: Path) -> float | None:
    """Seconds that the step took the last time, None where that is not known."""
    found = _durations(folder).get(name)
    return float(found) if isinstance(found, int | float) and math.isfinite(found) else None


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line beside a step's, which is shown again afterwards."""
    clear(sys.stderr)
    print(text, file=stream or sys.stdout, flush=True)


class Steps:
    """Announces one step after the other, each with the time since the start; a sign of life follows each.

    The last one is over where the block is left.
    """

    def __init__(self, folder: Path, stream: TextIO | None = None) -> None:
        self._folder, self._stream, self._began = folder, stream or sys.stderr, time.monotonic()
        self._present = ExitStack()

    def say(self, text: str) -> None:
        """End the step before, and announce this one."""
        self._present.close()
        say(f"[{time.monotonic() - self._began:5.0f} s] {text}", self._stream)
        self._present.enter_context(step(text.partition("\n")[0][:60], self._folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(Exception):
            self._present.__exit__(*error)  # type: ignore[arg-type]


def clear(stream: TextIO) -> None:
    """Remove the line that is kept up to date, where there is one."""
    global _line
    with _shown:
        if _line:
            stream.write(_CLEAR)
            stream.flush()
            _line = ""


def _show(line: str, stream: TextIO, terminal: bool) -> None:
    global _line
    with _shown, suppress(OSError, ValueError):  # nobody reads it any more
        stream.write(f"{_CLEAR}{line}" if terminal else f"{line}\n")
        stream.flush()
        _line = line if terminal else ""


def _durations(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep(name: str, seconds: float, folder: Path) -> None:
    """An estimate is not worth an error: where it can't be kept, there is none the next time."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        kept = {**_durations(folder), name: round(seconds, 1)}
        descriptor, scratch = tempfile.mkstemp(dir=folder, prefix=f".{FILE}")
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            json.dump(kept, handle, indent=1, sort_keys=True)
        os.replace(scratch, folder / FILE)
