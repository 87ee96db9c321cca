"""Lines of logs and reports that quote a post, or name it.

A program may be writing to the file: so a line is overwritten in place, with as many bytes as it had.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from include.datasets.clean import WEAK_LABEL_REPORT
from include.forgetting.search.sweep import NOTHING, Found, Sweep
from include.forgetting.search.texts import Quotes
from include.settings import Settings
from include.tombstones.table import MARKER

LONGEST = 1_000_000
"""Bytes of a line that are looked at."""


def logs(sweep: Sweep) -> Found:
    """Lines of all servers' and Airflow's logs, and of the reports beside weak labels."""
    quotes, total = sweep.targets.quotes, NOTHING
    for path in _logs(sweep.settings) if quotes else ():
        try:
            lines = _quoting(path, quotes)
            if not sweep.dry_run:
                _overwrite(path, lines)
        except FileNotFoundError:  # turned over, or deleted by its limit
            continue
        total += sweep.counted(len(lines))
    return total


def _logs(settings: Settings) -> Iterator[Path]:
    for path in sorted(settings.logs_dir.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path
    yield from sorted((settings.state_dir / "labels").glob(f"*/{WEAK_LABEL_REPORT}"))


def _quoting(path: Path, quotes: Quotes) -> list[tuple[int, bytes]]:
    """The lines that quote: where each begins, and its bytes without the line's end."""
    found, start = [], 0
    with path.open("rb") as file:
        for line in file:
            if quotes.within(line[:LONGEST].decode("utf-8", "replace")):
                found.append((start, line.rstrip(b"\r\n")))
            start += len(line)
    return found


def _overwrite(path: Path, lines: list[tuple[int, bytes]]) -> None:
    if not lines:
        return
    with path.open("r+b") as file:
        for start, line in lines:
            file.seek(start)
            file.write(in_place_of(line))


def in_place_of(line: bytes) -> bytes:
    """As many bytes, which say that a line was taken away; JSON stays JSON.

    >>> in_place_of(b"posts: 1240291123456789123 refused"), in_place_of(b"ab")
    (b'[forgotten]                       ', b'  ')
    >>> in_place_of(b'{"event": "a long line of text"}')
    b'{"event":"[forgotten]"}         '
    """
    told = f'{{"event":"{MARKER}"}}' if line.lstrip().startswith(b"{") else MARKER
    return told.encode().ljust(len(line)) if len(told) <= len(line) else b" " * len(line)
