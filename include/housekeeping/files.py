"""Files and folders below the state folder that only a time limit removes."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from include.housekeeping.kept import Size
from include.settings import Settings

DAY = 86_400.0
"""Seconds."""

_ASIDE = re.compile(r".+\.aside-(\d{8}T\d{6})\d*")

Found = Iterator[tuple[Path, float]]
"""Files or folders that go as a whole, each with its time in seconds since 1970."""


@dataclass(frozen=True)
class KeptFiles:
    """Files or folders; see :class:`include.housekeeping.kept.Kept`."""

    name: str
    setting: str
    find: Callable[[Settings], Found]

    def outdated(self, settings: Settings, days: int) -> int:
        return len(list(self._old(settings, days)))

    def remove(self, settings: Settings, days: int) -> Iterator[int]:
        for path in self._old(settings, days):
            yield int(delete(path))

    def size(self, settings: Settings) -> Size:
        sizes = [bytes_of(path) for path, _ in self.find(settings)]
        return Size(len(sizes), sum(sizes))

    def _old(self, settings: Settings, days: int) -> list[Path]:
        before = time.time() - days * DAY
        return [path for path, at in self.find(settings) if at < before]


def delete(path: Path) -> bool:
    """Delete a file or a folder; a link is removed and not followed. False where it is gone already.

    Raises:
        OSError: it can't be deleted.
    """
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return False
    return True


def put_aside(settings: Settings) -> Found:
    """Checkpoints that streams put aside, by the time in their names."""
    for path in (settings.state_dir / "checkpoints").glob("*/*.aside-*"):
        named = _ASIDE.fullmatch(path.name)
        if named and (at := time_of(named[1], "%Y%m%dT%H%M%S")):
            yield path, at.timestamp()


def time_of(stamp: str, layout: str) -> datetime | None:
    """The time, in UTC, that stands in a name; None where there is no such time.

    >>> time_of("20260131", "%Y%m%d"), time_of("20260231", "%Y%m%d")
    (datetime.datetime(2026, 1, 31, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    try:
        return datetime.strptime(stamp, layout).replace(tzinfo=UTC)
    except ValueError:
        return None


SCRATCH = "tweetsieve-scoring-*"
"""Folders of the system's temporary one."""

_LEFTOVERS = (
    "exports/*/.export-*",
    "labels/*.partial",
    "checkpoints/building_*-*",
)
"""What tasks write beside its final place, below the state folder; they delete it unless they are killed."""


def leftovers(settings: Settings) -> Found:
    """Unfinished files and folders, by the last change of anything in them."""
    for pattern in _LEFTOVERS:
        for path in settings.state_dir.glob(pattern):
            yield path, last_change(path)
    for path in Path(tempfile.gettempdir()).glob(SCRATCH):
        with suppress(FileNotFoundError):
            if path.lstat().st_uid == os.getuid():
                yield path, last_change(path)


def last_change(path: Path) -> float:
    """When anything in a folder was changed last, or the file itself; the time now where it vanishes."""
    try:
        inside = [] if path.is_symlink() or not path.is_dir() else list(path.rglob("*"))
        return max(one.lstat().st_mtime for one in (path, *inside))
    except FileNotFoundError:
        return time.time()


def bytes_of(path: Path) -> int:
    """What a file takes, or all files of a folder; 0 where it vanishes."""
    try:
        inside = [] if path.is_symlink() or not path.is_dir() else list(path.rglob("*"))
        return sum(one.lstat().st_size for one in (path, *inside) if one.is_symlink() or not one.is_dir())
    except FileNotFoundError:
        return 0


ASIDE = KeptFiles("checkpoints put aside", "keep_aside_days", put_aside)
LEFTOVERS = KeptFiles("unfinished files", "keep_leftovers_days", leftovers)
