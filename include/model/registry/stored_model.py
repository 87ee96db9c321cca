"""One version of the model store, read once and handed on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from include.model.registry.store import REPORT_FOLDER, ModelStore
from include.settings import Settings


@dataclass(frozen=True)
class StoredModel:
    """A stored version: its folder, and what its ``metrics.json`` says."""

    version: int
    folder: Path
    metrics: dict[str, Any]

    @classmethod
    def read(cls, version: int, settings: Settings | None = None) -> StoredModel:
        """Look it up in the store.

        Raises:
            NoModel: the store doesn't hold it.
        """
        store = ModelStore(settings)
        return cls(version, store.path(version), store.metrics(version))

    @property
    def report(self) -> Path:
        """The folder of its metrics, plots and model card."""
        return self.folder / REPORT_FOLDER

    @property
    def dataset_version(self) -> int:
        return int(self.metrics["dataset_version"])

    @property
    def threshold(self) -> float:
        """The probability from which on a post counts as being about AI."""
        return float(self.metrics["threshold"])

    @cached_property
    def size(self) -> int:
        """Bytes of the files that are served."""
        return sum((self.folder / name).stat().st_size for name in served_files(self.folder))

    @cached_property
    def files_hash(self) -> str:
        """See the function of this name."""
        return files_hash(self.folder)


def files_hash(folder: Path) -> str:
    """SHA-256, in hexadecimal digits, of the names and contents of the files of a model that are served."""
    digest = hashlib.sha256()
    for name in served_files(folder):
        content = (folder / name).read_bytes()
        digest.update(f"{name.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def served_files(folder: Path) -> list[Path]:
    """The files of a model's folder that a server needs, relative to it and sorted."""
    files = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [name for name in files if name.parts[0] != REPORT_FOLDER]
