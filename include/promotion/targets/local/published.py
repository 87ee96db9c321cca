"""Published models: ``<serving_dir>/<model name>/<version>/``, where model servers read them."""

from __future__ import annotations

import shutil
import stat
from filecmp import cmp
from pathlib import Path

from include.model.registry.stored_model import served_files
from include.settings import Settings

FOLDER_MODE, FILE_MODE = 0o755, 0o644
"""A model server is another user, in a pod as on a server; only promotion writes."""


class PublishedModels:
    """The folder that promotion alone writes to."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.serving_dir.resolve() / settings.model_name

    def path(self, version: int) -> Path:
        """Where a version is, or would be."""
        return self.folder / str(version)

    def publish(self, version: int, source: Path) -> None:
        """Copy the model of ``source``, without its report; it appears in one step.

        A copy and no link: what happens to the store's files afterwards does not reach what is served.
        """
        target, staged = self.path(version), self.folder / f".publishing-{version}"
        if _is_copy(source, target):
            return
        shutil.rmtree(staged, ignore_errors=True)
        _make_folder(self.folder)
        for name in served_files(source):
            _make_folder(staged, *(staged / parent for parent in reversed(name.parents)))
            shutil.copyfile(source / name, staged / name)
            (staged / name).chmod(FILE_MODE)
        shutil.rmtree(target, ignore_errors=True)  # what was left there is not this model
        staged.rename(target)

    def withdraw(self, version: int) -> None:
        """Remove a version; nothing happens where there is none."""
        shutil.rmtree(self.path(version), ignore_errors=True)


def _make_folder(*folders: Path) -> None:
    """Make folders that everybody may read, whatever this process's umask is."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) != FOLDER_MODE:
            folder.chmod(FOLDER_MODE)


def _is_copy(source: Path, published: Path) -> bool:
    """Whether exactly the files that are served are there, as readable copies with the same content."""
    names = served_files(source)
    if not published.is_dir() or served_files(published) != names:
        return False
    return all(_is_copied(source / name, published / name) for name in names) and all(
        stat.S_IMODE(folder.stat().st_mode) == FOLDER_MODE
        for folder in {published / parent for name in names for parent in name.parents}
    )


def _is_copied(source: Path, target: Path) -> bool:
    found = target.stat()
    own = found.st_nlink == 1 and stat.S_IMODE(found.st_mode) == FILE_MODE
    return own and cmp(source, target, shallow=False)
