"""What a sweep of one place needs, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import psycopg

from include.forgetting.search.targets import TEMPORARY, Targets
from include.settings import Settings
from include.task_log import Pace

BATCH = 10_000
"""Ids that one transaction takes."""

Say = Callable[[str], None]


class Found(NamedTuple):
    """How many of a place's rows, files or lines hold a post that is to go, and how many were changed."""

    found: int
    removed: int

    def __add__(self, other: object) -> Found:
        assert isinstance(other, tuple)
        return Found(self.found + other[0], self.removed + other[1])


NOTHING = Found(0, 0)


@dataclass(frozen=True)
class Sweep:
    """One run. ``connection`` is in autocommit, and has the ids in its table TEMPORARY.

    Attributes:
        dry_run: only count.
    """

    connection: psycopg.Connection
    settings: Settings
    targets: Targets
    dry_run: bool
    say: Say

    def batches(self, what: str) -> Iterator[tuple[int, int]]:
        """Ranges (after, up to) of the ids' numbers; says how far it is where that takes long."""
        row = self.connection.execute(f"SELECT coalesce(max(n), 0) FROM {TEMPORARY}").fetchone()  # noqa: S608
        last, pace = (row[0] if row else 0), Pace(5)
        pace.due()
        for after in range(0, last, BATCH):
            if pace.due():
                self.say(f"{what}: {after:,} of {last:,} posts")
            yield after, after + BATCH

    def counted(self, count: int) -> Found:
        """All that was found was removed, but in a dry run."""
        return Found(count, 0 if self.dry_run else count)
