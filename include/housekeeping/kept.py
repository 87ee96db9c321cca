"""What housekeeping knows of a kind of thing: what it holds, for how long, and how the old goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from include.settings import Settings


@dataclass(frozen=True)
class Size:
    """How much there is.

    Attributes:
        count: rows, files or folders. Of large tables the planner's estimate, which costs no reading.
        bytes: on the disk, indexes included.
    """

    count: int
    bytes: int


class Kept(Protocol):
    """A kind of thing, with a limit of its own."""

    @property
    def name(self) -> str:
        """What it is called in the log."""

    @property
    def setting(self) -> str:
        """The field of the settings that holds its limit in days; 0: for ever."""

    def outdated(self, settings: Settings, days: int) -> int:
        """How many are older than so many days; nothing is deleted."""

    def remove(self, settings: Settings, days: int) -> Iterator[int]:
        """Delete those, a batch at a time; yields how many each batch was, once that is done for good."""

    def size(self, settings: Settings) -> Size:
        """How much there is now."""
