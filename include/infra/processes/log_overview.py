"""The end of the programs' logs, short enough to be read: ``make logs``.

Of each program the newest problem and its last line, the program with the newest problem first. Only the end
of a file is read, whatever its size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

READ_BYTES = 256 * 1024
LONGEST_LINE = 200

_PROBLEM = re.compile(
    r"\b(?:WARN|WARNING|ERROR|CRITICAL|FATAL|PANIC)\b"
    r"|^error: |^outage: |^Traceback "
)
_LEVEL = re.compile(r"^\S+ \[(\w+) *\]")
"""Of Airflow's lines, whose text may name another one."""
_TIME = re.compile(
    r"^(?P<date>\d{2,4}[-/]\d\d[-/]\d\d)[T ](?P<time>\d\d:\d\d:\d\d)\S*?(?P<utc>Z| UTC)?(?=\s|$)"
)


@dataclass(frozen=True)
class ProgramLog:
    """What the end of a program's log says. ``at``: when the newest problem was, None where there is none."""

    name: str
    problems: int
    problem: str
    last: str
    at: datetime | None

    def __str__(self) -> str:
        if self.at is None:
            return f"{self.name}: {self.last or '(nothing yet)'}"
        times = "a problem" if self.problems == 1 else f"{self.problems} problems, the newest"
        lines = [f"{self.name}: {times} at {self.at.astimezone():%d %b %H:%M:%S}", f"    {self.problem}"]
        return "\n".join(lines if self.last == self.problem else [*lines, f"    last line: {self.last}"])


def read(path: Path) -> ProgramLog:
    """The end of one log.

    A line without a time, such as that of a stack trace, is as old as the last one before it that has one.
    """
    at, newest, problem, problems, last = None, None, "", 0, ""
    for line in tail(path):
        at = _time(line) or at
        last = line
        if _is_problem(line):
            newest, problem, problems = at or _written(path), line, problems + 1
    return ProgramLog(path.stem, problems, _short(problem), _short(last), newest)


def overview(paths: list[Path]) -> str:
    """All programs, that with the newest problem first, those without one by name at the end."""
    found = sorted((read(path) for path in paths), key=lambda one: one.name)
    troubled = sorted((one for one in found if one.at), key=lambda one: one.at, reverse=True)  # type: ignore[arg-type,return-value]
    return "\n".join(map(str, [*troubled, *(one for one in found if not one.at)]))


def tail(path: Path) -> list[str]:
    """The lines that are not empty in a log's last 256 KiB; a first one that was cut is left out."""
    with path.open("rb") as handle:
        size = handle.seek(0, 2)
        handle.seek(max(0, size - READ_BYTES))
        text = handle.read(READ_BYTES).decode("utf-8", "replace")
    lines = text.split("\n")[1 if size > READ_BYTES else 0 :]
    return [line.rstrip() for line in lines if line.strip()]


def _is_problem(line: str) -> bool:
    level = _LEVEL.match(line)
    if level:
        return level[1] in ("warning", "error", "critical")
    return _PROBLEM.search(line[:LONGEST_LINE]) is not None


def _time(line: str) -> datetime | None:
    """A line's time, if it begins with one: in UTC if it is marked so, else local.

    >>> _time("2026-11-26T11:24:12.716286Z [info     ] Updating").isoformat()
    '2026-11-26T11:24:12+00:00'
    >>> _time("    at java.base/java.lang.Thread.run")
    """
    found = _TIME.match(line[:64])
    if not found:
        return None
    date = found["date"].replace("/", "-")
    try:
        stamp = datetime.fromisoformat(f"{date if len(date) == 10 else f'20{date}'} {found['time']}")
    except ValueError:
        return None
    return stamp.replace(tzinfo=UTC) if found["utc"] else stamp.astimezone()


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _short(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
