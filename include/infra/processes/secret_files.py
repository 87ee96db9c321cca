"""Secrets of the embedded stack: generated once, kept in the state folder, readable by their owner only."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from include.infra.errors import StackError


def kept(path: Path, make: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """The secrets of a file; what it lacks is generated. Safe when two processes call at once.

    Args:
        make: how each secret is generated, by its name.

    Raises:
        StackError: the file or its folder can't be used; with what to do.
    """
    found = read(path)
    if found.keys() >= make.keys():
        return found
    with _alone(path.parent):
        found = read(path)
        missing = {name: generate() for name, generate in make.items() if name not in found}
        write(path, found | missing)
        return found | missing


def read(path: Path) -> dict[str, str]:
    """The secrets of a file by name; none where it does not exist.

    Raises:
        StackError: it is not what was written there.
    """
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except ValueError as problem:
        raise StackError(f"{path} is damaged: remove it, and new secrets are generated") from problem


def write(path: Path, secrets: Mapping[str, str]) -> None:
    """Replace the secrets of a file, all at once."""
    write_private(path, json.dumps(dict(secrets)))


def write_private(path: Path, text: str) -> None:
    """Replace a file that its owner alone may read; a reader sees the old text or the new one."""
    descriptor, scratch = tempfile.mkstemp(dir=path.parent)  # 0600 from the start
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())  # there before anybody else learns of it
        os.replace(scratch, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(scratch)
        raise


def private_folder(folder: Path) -> None:
    """Make a folder, or take an existing one, that nobody but its owner may look into.

    Raises:
        StackError: it belongs to somebody else.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.getuid():
        raise StackError(f"{folder} belongs to somebody else: remove it, or choose another folder")
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    private_folder(folder)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
