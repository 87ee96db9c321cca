"""CSV read strictly: a quote that somebody's program forgot or bent never swallows the lines behind it.

Python's reader, even if strict, takes an opened quote to the next quote of the file. So a record that ends
badly is told, and reading goes on with the line below its first; and a record that ends well by chance is
told as well where a line within it is plainly a record of its own.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import IO

from include.infra.input_files.lines import lines
from include.infra.input_files.location import InputFile
from include.infra.input_files.problems import BadLine
from include.infra.input_files.record_shape import RecordShape

_MOST_RETRIES = 1_000
"""After so many open quotes a record's further lines are not tried again, so that reading stays linear."""

_ESCAPED = re.compile("[\udc80-\udcff]")


def csv_records(
    file: InputFile, content: IO[bytes], longest: int, delimiter_of: Callable[[str], str]
) -> Iterator[tuple[int, list[str]] | BadLine]:
    """Records with the number of their first line, the header first; lines without a value are left out.

    Args:
        longest: bytes that a line, and a cell, may have.
        delimiter_of: the delimiter, by the file's first line.

    Raises:
        InputFileError: the file is not in UTF-8 at all.
    """
    csv.field_size_limit(longest)
    source = _Lines(file, content, longest)
    delimiter = delimiter_of(source.peek())
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    wanted: RecordShape | None = None
    while True:
        source.begin()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield BadLine(source.first, _open_quote(source, str(error)))
            source.retry()
            continue
        yield from source.bad_lines()
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if _ESCAPED.search("".join(cells)):
            yield BadLine(source.first, "not UTF-8")
        elif wanted and (swallowed := wanted.swallowed(source.taken)):
            yield BadLine(source.first, _swallows(source.first + swallowed))
            source.retry()
        elif wanted and len(cells) != wanted.width:
            yield BadLine(source.first, f"{len(cells)} cells, the header has {wanted.width}")
        else:
            yield source.first, cells
        wanted = wanted or RecordShape(len(cells), delimiter, cells)


def _open_quote(source: _Lines, error: str) -> str:
    last = source.first + len(source.taken) - 1
    if last > source.first:
        return f"a quote opens here that is not closed properly, up to line {last} ({error})"
    return f"quoted wrongly ({error})"


def _swallows(line: int) -> str:
    return f"a quote opens here that is closed after line {line}, which looks like a row of its own"


class _Lines:
    """A file's lines for the CSV reader, which can be given back; keeps those of the current record."""

    def __init__(self, file: InputFile, content: IO[bytes], longest: int) -> None:
        self._numbered = lines(file, content, longest)
        self._ahead: deque[tuple[int, str]] = deque()
        self._bad: list[BadLine] = []
        self._retries = 0
        self.taken: list[str] = []
        self.first = 0
        self._number_of: list[int] = []

    def begin(self) -> None:
        """A new record begins with the next line."""
        self.taken, self._number_of = [], []

    def retry(self) -> None:
        """The current record's lines but the first are to be read again, each as the first of a record."""
        self._retries += 1
        if self._retries <= _MOST_RETRIES:
            self._ahead.extendleft(reversed(list(zip(self._number_of, self.taken, strict=True))[1:]))

    def bad_lines(self) -> Iterator[BadLine]:
        """Lines that were left out, as they can't be held."""
        yield from self._bad
        self._bad = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self._read()
        if not self._ahead:
            raise StopIteration
        number, part = self._ahead.popleft()
        if not self.taken:
            self.first = number
        self.taken.append(part)
        self._number_of.append(number)
        return part

    def peek(self) -> str:
        """The next line, which is still to be read; empty at the end."""
        self._read()
        return self._ahead[0][1] if self._ahead else ""

    def _read(self) -> None:
        """Have a line ahead, if there is one left."""
        while not self._ahead:
            line = next(self._numbered, None)
            if line is None:
                return
            if isinstance(line, BadLine):
                self._bad.append(line)
                continue
            text = line[1].decode("utf-8", "surrogateescape")
            # Also by a lone carriage return, as old Macs end a line: outside of quotes csv takes it for one.
            self._ahead.extend((line[0], part) for part in io.StringIO(text, newline=""))
