"""Files that hold posts: exports, results, label files, dumps. Each is rewritten beside, then replaced."""

from __future__ import annotations

import bz2
import gzip
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from include.datasets.export.export import MANIFEST
from include.errors import UserError
from include.forgetting.files import records
from include.forgetting.search.sweep import NOTHING, Found, Sweep
from include.settings import Settings

OURS = ("exports", "results", "labels")
"""Folders of the state folder with files of rows."""

_KINDS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "table", ".tsv": "table"}
_PARQUET = ".parquet"


class FolderMissing(UserError):
    """A folder of the settings is not there."""


def folders(settings: Settings) -> list[Path]:
    """Where files of rows lie: ours, and those that the settings name.

    Raises:
        FolderMissing: naming the folder and the setting.
    """
    named = [Path(one).expanduser() for one in settings.forget_folders.split(":") if one.strip()]
    for folder in named:
        if not folder.is_dir():
            raise FolderMissing(f"TWEETSIEVE_FORGET_FOLDERS names {folder}, which is no folder: correct it")
    ours = [settings.state_dir.absolute() / name for name in OURS]
    return [folder for folder in (*ours, *named) if folder.is_dir()]


def files(sweep: Sweep) -> Found:
    """Rows of the posts in all files of these folders."""
    total = NOTHING
    for folder in folders(sweep.settings):
        for path in _within(folder):
            total += _one(path, sweep)
    return total


def unread(settings: Settings) -> list[str]:
    """Files of the named folders of a kind that is not looked into; for the receipt."""
    own = {settings.state_dir.absolute() / name for name in OURS}
    others = [folder for folder in folders(settings) if folder not in own]
    return [str(path) for folder in others for path in _within(folder) if _kind(path) is None]


def _within(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _kind(path: Path) -> str | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in (".gz", ".bz2"):
        suffixes.pop()
    elif suffixes and suffixes[-1] == _PARQUET:
        return _PARQUET
    return _KINDS.get(suffixes[-1]) if suffixes and path.name != MANIFEST else None


def _one(path: Path, sweep: Sweep) -> Found:
    """Read a file first: most have none of the posts, and are left alone."""
    kind = _kind(path)
    gone = _rewritten(path, Path(os.devnull), kind, sweep) if kind else 0
    if gone and kind and not sweep.dry_run:
        handle, name = tempfile.mkstemp(prefix=".forget-", dir=path.parent)
        os.close(handle)
        scratch = Path(name)
        try:
            _rewritten(path, scratch, kind, sweep)
            _replace(path, scratch, gone)
        finally:
            scratch.unlink(missing_ok=True)
    return sweep.counted(gone)


def _rewritten(path: Path, target: Path, kind: str, sweep: Sweep) -> int:
    if kind == _PARQUET:
        return records.parquet(path, target, sweep.targets.copies)
    part: records.Part = getattr(records, kind)
    suffix = "" if target == Path(os.devnull) else path.suffix
    with _opened(path, path.suffix, "rb") as source, _opened(target, suffix, "wb") as out:
        return part(source, out, sweep.targets.copies)


def _opened(path: Path, suffix: str, mode: str) -> IO[bytes]:
    openers: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}
    return cast("IO[bytes]", openers.get(suffix.lower(), open)(path, mode))


def _replace(path: Path, scratch: Path, gone: int) -> None:
    """Take the new file's place under the old one's mode; in an export, its manifest follows."""
    os.chmod(scratch, path.stat().st_mode & 0o777)
    with scratch.open("rb") as written:
        os.fsync(written.fileno())
    manifest = path.parent / MANIFEST
    if manifest.is_file():
        told = records.json_rows(gone, manifest.read_bytes(), path.name)
        beside = manifest.with_name(f".{MANIFEST}")
        beside.write_bytes(told)
        beside.replace(manifest)
    scratch.replace(path)
