"""Judging a file of a dump as a whole: whether its lines are posts at all, and whether its ids are whole."""

from __future__ import annotations

import logging
from collections import Counter

from include.infra.input_files.location import InputFile
from include.infra.input_files.problems import Problems
from include.posts.parse import SOURCE_ERROR
from include.posts.values.ids import ADVICE, RoundedIds
from include.sources.dump.layouts import KNOWN, has_layout, keys_of
from include.sources.dump.rows import DELETION, DumpRow, Refused

log = logging.getLogger(__name__)


class FileCheck:
    """What the rows of one file come to.

    A layout is judged by the file: beside posts, whatever else a line holds becomes a dead letter with a
    reason. A file in which no line is a post, and one has unknown columns, is none of posts.
    """

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._rows = self._posts = 0
        self._without: Counter[str] = Counter()
        self._first: dict[str, str] = {}
        self._unknown: DumpRow | None = None
        self._last = ""
        self._ids = RoundedIds()

    def add(self, row: DumpRow | Refused, problems: Problems) -> None:
        """Count one row; what is wrong with it is added to the problems."""
        self._rows += 1
        if isinstance(row, Refused):
            problems.add(row.place, row.reason)
        elif row.post is not None:
            self._posts += 1
            self._last = row.place
            self._ids.add(row.post.id)
        else:
            self._without[row.reason] += 1
            self._first.setdefault(row.reason, row.place)
            if not self._posts and self._unknown is None and not _is_known(row):
                self._unknown = row

    def finish(self, problems: Problems) -> int:
        """The number of rows; what is wrong with the file as a whole is added to the problems."""
        before, refused = problems.count, self._rows - self._posts - self._without.total()
        if not self._rows:
            problems.add(self._file.name, "the file holds no row")
        elif self._unknown and not self._posts and not refused:
            row = self._unknown
            told = f"unknown column layout {keys_of(row.value)}, and no line of the file is a post"
            problems.add(row.place, f"{row.reason}: {told}; {KNOWN}")
        if example := self._ids.example():
            problems.add(self._last, f"all long ids up to here end in zeros, such as {example}: {ADVICE}")
        if self._without and problems.count == before:
            self._tell()
        return self._rows

    def _tell(self) -> None:
        """Log the rows without a post, and the deletion notices among them."""
        if notices := self._without.pop(DELETION, 0):
            log.warning(
                "%s: %d deletion notices (first %s): forget_posts carries them out",
                self._file.name, notices, self._first[DELETION],
            )  # fmt: skip
        if self._without:
            kinds = (f"{reason}: {n} (first {self._first[reason]})" for reason, n in self._without.items())
            log.warning(
                "%s: %d of %d rows carry no post and become dead letters: %s",
                self._file.name, self._without.total(), self._rows, "; ".join(kinds),
            )  # fmt: skip


def _is_known(row: DumpRow) -> bool:
    return row.reason in (SOURCE_ERROR, DELETION) or has_layout(row.value)
