"""The folder of backups: each is a folder named by its time, complete or not there at all."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from include.backup.manifest import FILE, BadBackup
from include.errors import UserError

NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
UNFINISHED = ".unfinished-"


class BackupUnderWay(UserError):
    """Another backup is being made."""


@contextmanager
def new_backup(backups: Path) -> Iterator[Path]:
    """A private scratch folder that becomes a backup when the block succeeds, and is deleted otherwise.

    What an earlier backup left that was killed is deleted too.

    Raises:
        BackupUnderWay: another one is being made.
        UserError: the folder can't be written, or belongs to somebody else.
    """
    make_private(backups)
    with (backups / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupUnderWay(f"another backup is being made in {backups}: wait for its end") from None
        for left in backups.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        scratch = backups / f"{UNFINISHED}{_free_name(backups)}"
        scratch.mkdir(mode=0o700)
        try:
            yield scratch
            _store(scratch)
            scratch.rename(backups / scratch.name.removeprefix(UNFINISHED))
            _sync(backups)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def make_private(folder: Path) -> None:
    """See that the folder exists, is ours, and nobody else can read it.

    Raises:
        UserError: it can't be made, or belongs to somebody else.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_uid != os.getuid():
            raise UserError(
                f"{folder} belongs to somebody else: name a folder of yours, TWEETSIEVE_BACKUP_DIR"
            )
        folder.chmod(0o700)
    except OSError as problem:
        raise UserError(
            f"the folder of backups {folder} can't be used ({problem.strerror}): name another one by "
            "TWEETSIEVE_BACKUP_DIR"
        ) from problem


def complete_backups(backups: Path) -> list[Path]:
    """The complete backups, the oldest first."""
    found = [path.parent for path in backups.glob(f"*/{FILE}") if NAME.fullmatch(path.parent.name)]
    return sorted(found, key=lambda path: (path.name[:16], len(path.name), path.name))


def forget_old_backups(backups: Path, keep: int) -> list[Path]:
    """Delete all but the latest ``keep`` complete backups; returns those that are gone."""
    old = complete_backups(backups)[:-keep]
    for folder in old:
        # Renamed first, so that one that is deleted in part is never taken for a whole one.
        shutil.rmtree(folder.rename(backups / f"{UNFINISHED}{folder.name}"))
    return old


def named_backup(backups: Path, name: str) -> Path:
    """A backup by its name in the folder of backups, or by its path.

    Raises:
        BadBackup: there is none of that name; lists those there are.
    """
    for place in (backups / name, Path(name)):
        if name.strip() and (place / FILE).is_file():
            return place
    known = ", ".join(path.name for path in complete_backups(backups)) or "none yet"
    raise BadBackup(f"there is no backup {name!r}: name a folder, or one of those in {backups} ({known})")


def _free_name(backups: Path) -> str:
    """The time, with a number where two are made within a second."""
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    name, number = now, 1
    while (backups / name).exists():
        number += 1
        name = f"{now}-{number}"
    return name


def _store(folder: Path) -> None:
    """Have the disk hold every file before the backup counts as one, readable by its owner alone."""
    for path in folder.iterdir():
        path.chmod(0o600)
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
