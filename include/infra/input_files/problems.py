"""What is wrong with a file: as a whole, or line by line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from include.errors import UserError

MOST_SHOWN = 20
"""Bad lines that an error names; of the others it gives the number."""

LONGEST = 300


class InputFileError(UserError):
    """A file that can't be read at all; the message names it, and what to do."""


class BadLine(NamedTuple):
    """A line that can't be taken, and why."""

    line: int
    reason: str


@dataclass
class Problems:
    """Bad lines of one or several files, the first MOST_SHOWN of them in words."""

    shown: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, reason: str) -> None:
        """Note one: ``place`` is ``file, line n``."""
        self.count += 1
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(f"{place}: {one_line(reason)}")

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        """
        >>> problems = Problems()
        >>> problems.add("a.csv, line 2", "no id")
        >>> print(problems)
        a.csv, line 2: no id
        nothing of it was taken: correct or remove this line
        """
        more = self.count - len(self.shown)
        lines = "this line" if self.count == 1 else f"these {self.count} lines"
        rest = [f"and {more} more"] if more else []
        return "\n".join([*self.shown, *rest, f"nothing of it was taken: correct or remove {lines}"])


def one_line(text: str) -> str:
    """Words from a file for a log or a terminal: one line of printable characters, at most LONGEST.

    >>> one_line("a\\n\\ud83d\\x1b[31m")
    'a ??[31m'
    """
    words = " ".join(text.split())
    words = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    return words if words.isprintable() else "".join(c if c.isprintable() else "?" for c in words)
