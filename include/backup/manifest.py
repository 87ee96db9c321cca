"""What a backup holds: ``manifest.json``, and the check of every file against it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from include.errors import UserError
from include.infra.kafka.offsets import Positions, from_json

FILE = "manifest.json"
FORMAT = 1
NAME = re.compile(r"[A-Za-z0-9_]+\.[a-z]+")
MOST_BYTES = 4 * 2**20
"""No manifest comes near this size."""


class BadBackup(UserError):
    """A backup that can't be restored: incomplete, damaged, or of a later release."""


@dataclass(frozen=True)
class BackupFile:
    """One file of a backup; ``unpacked`` is how many bytes it takes once it is restored, about."""

    name: str
    holds: str
    bytes: int
    sha256: str
    unpacked: int


@dataclass(frozen=True)
class Manifest:
    """Everything that a restore has to know.

    Attributes:
        made_at: when the snapshot was taken, ISO 8601 in UTC.
        revision: of the shared tables; see ``include/schema``.
        software: versions by name; ``postgresql`` is the server's.
        kafka: where each partition ended, ``{topic: {partition: next position}}``; None: no answer.
        files: every file beside the manifest.
        ledger: the hash of the promotion ledger's last row; None: no row, an altered
            ledger, or a backup of an earlier release.
    """

    made_at: str
    revision: str
    software: dict[str, str]
    kafka: Positions | None
    files: list[BackupFile]
    ledger: str | None = None
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write ``manifest.json``."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    def has(self, name: str) -> bool:
        return any(file.name == name for file in self.files)

    @property
    def unpacked(self) -> int:
        """Bytes of everything once it is restored, about."""
        return sum(file.unpacked for file in self.files)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        BadBackup: there is none, it can't be read, or a later release wrote it.
    """
    path = folder / FILE
    if not path.is_file():
        raise BadBackup(f"{folder} is no complete backup: it has no {FILE}")
    if path.stat().st_size > MOST_BYTES:
        raise BadBackup(f"{path} has more than {MOST_BYTES} bytes: it is no manifest of ours")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError("it is no JSON object")
        if int(value["format"]) > FORMAT:
            raise BadBackup(
                f"{folder} was made by a later release, in format {value['format']}: use that one"
            )
        return _manifest(value)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        raise BadBackup(f"{path} is damaged ({problem!r}): choose another backup") from problem


def _manifest(value: dict[str, Any]) -> Manifest:
    files = [
        BackupFile(
            str(file["name"]),
            str(file["holds"]),
            int(file["bytes"]),
            str(file["sha256"]),
            int(file["unpacked"]),
        )
        for file in value["files"]
    ]
    for file in files:
        if not NAME.fullmatch(file.name) or file.name == FILE:
            raise ValueError(f"a file is called {file.name!r}")
    kafka = value["kafka"]
    return Manifest(
        made_at=str(value["made_at"]),
        revision=str(value["revision"]),
        software={str(name): str(number) for name, number in value["software"].items()},
        kafka=None if kafka is None else from_json(kafka),
        files=files,
        ledger=None if value.get("ledger") is None else str(value["ledger"]),
    )


def described(path: Path, holds: str, unpacked: int) -> BackupFile:
    """The manifest's entry of a file that was just written."""
    return BackupFile(path.name, holds, path.stat().st_size, sha256_of(path), unpacked)


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_files(folder: Path, manifest: Manifest, say: Callable[[str], None]) -> None:
    """Compare every file with the manifest.

    Raises:
        BadBackup: naming every file that is missing, of another size or of other content.
    """
    problems = [problem for file in manifest.files if (problem := _problem(folder / file.name, file))]
    if problems:
        raise BadBackup(f"{folder} is damaged: {'; '.join(problems)}: choose another backup")
    say(f"checked {len(manifest.files)} files of {folder.name}: all as they were written")


def _problem(path: Path, file: BackupFile) -> str | None:
    if path.is_symlink() or not path.is_file():
        return f"{file.name} is missing"
    if path.stat().st_size != file.bytes:
        return f"{file.name} has {path.stat().st_size} bytes, not {file.bytes}"
    return None if sha256_of(path) == file.sha256 else f"{file.name} has another SHA-256"
