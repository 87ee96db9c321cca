"""Folders in and out of a backup, as tar files: models, what is served, Airflow's keys."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable
from pathlib import Path

from include.backup.manifest import BadBackup

ATTEMPTS = 3
"""A folder that changes while it is read is read again so often."""


def pack(archive: Path, folder: Path, names: Iterable[str] | None = None) -> int:
    """Write a folder, or the entries of it with these names, into a tar file; links as what they lead to.

    Entries whose names begin with a dot are left out: they are unfinished.

    Returns:
        The bytes that its files take.

    Raises:
        OSError: a file can't be read, or the folder changed under each of three attempts.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _pack(archive, folder, names)
        except OSError:  # tarfile raises one as well where a file became shorter
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _pack(archive: Path, folder: Path, names: Iterable[str] | None) -> int:
    size = 0

    def counted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        nonlocal size
        if Path(member.name).name.startswith("."):
            return None
        size += member.size
        return member

    with tarfile.open(archive, "w", dereference=True) as tar:
        present = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        for name in present if names is None else [name for name in names if name in present]:
            tar.add(folder / name, arcname=name, filter=counted)
    return size


def unpack(archive: Path, folder: Path) -> None:
    """Write what a tar file holds below the folder, and nothing outside of it.

    Raises:
        BadBackup: it holds what we never put there: a path out of the folder, a device, a link.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                if not (member.isfile() or member.isdir()):
                    raise BadBackup(f"{archive}: {member.name!r} is neither file nor folder")
                tar.extract(member, folder, filter="data")
                if member.isdir():
                    # The filter leaves a folder's mode to the umask; a model server reads these.
                    (folder / member.name).chmod(member.mode & 0o755 | 0o700)
    except tarfile.TarError as problem:
        raise BadBackup(f"{archive}: {problem}") from problem
