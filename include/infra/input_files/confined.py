"""A path that may lead nowhere but into some folders, also while it is opened. Standard library only."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from include.infra.input_files.problems import InputFileError

SYSTEM = tuple(Path(folder) for folder in ("/proc", "/sys", "/dev"))
"""What lies here is no file of posts or labels, whatever folder is allowed."""


@dataclass(frozen=True)
class Bounds:
    """Where a file may be: of the folders around it, the closest one decides.

    Attributes:
        allowed: folders, and single files, without links in their paths.
        private: folders that stay closed also where one around them is allowed.
    """

    allowed: tuple[Path, ...]
    private: tuple[Path, ...] = ()

    @classmethod
    def of(cls, allowed: Sequence[Path], private: Sequence[Path] = ()) -> Bounds:
        """Bounds with the links of the given paths followed."""
        return cls(tuple(map(_real, allowed)), (*SYSTEM, *map(_real, private)))

    def __contains__(self, real: object) -> bool:
        """Whether a path without links is within.

        >>> bounds = Bounds((Path("/srv"), Path("/srv/state/inputs")), (Path("/srv/state"),))
        >>> [Path(f"/srv/{one}/x") in bounds for one in ("posts", "state/secrets", "state/inputs")]
        [True, False, True]
        """
        if not isinstance(real, Path):
            return False
        around = (real, *real.parents)
        closest = next((one for one in around if one in self.allowed or one in self.private), None)
        return closest in self.allowed


@dataclass(frozen=True)
class ConfinedPath(os.PathLike[str]):
    """A path without links, and where it has to stay; reads as the path wherever one is taken."""

    path: str
    bounds: Bounds

    def __fspath__(self) -> str:
        return self.path

    def __str__(self) -> str:
        return self.path


def open_confined(path: str, bounds: Bounds) -> IO[bytes]:
    """Open a regular file, and ask the open file where it lies: a link put there meanwhile changes nothing.

    Raises:
        InputFileError: it is none, or lies outside.
        OSError: it can't be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO would wait for a writer
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InputFileError(f"{path}: is {kind_of_file(os.fstat(descriptor).st_mode)}; give a file")
        if _where(descriptor, path) not in bounds:
            raise InputFileError(
                f"{path}: leads out of the allowed folders: put the file itself there, and no link"
            )
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def kind_of_file(mode: int) -> str:
    """What a thing in a file system is, in words.

    >>> kind_of_file(stat.S_IFIFO), kind_of_file(stat.S_IFBLK)
    ('a named pipe', 'a device')
    """
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device" if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else "no regular file"


def _where(descriptor: int, path: str) -> Path | None:
    """Where an open file lies; None where it no longer lies where its path leads."""
    try:
        return Path(os.readlink(f"/proc/self/fd/{descriptor}"))
    except OSError:  # not Linux
        real = _real(Path(path))
        return real if os.path.samestat(os.lstat(real), os.fstat(descriptor)) else None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path.expanduser()))
