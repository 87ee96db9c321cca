"""Published models: ``<serving_dir>/<model name>/<version>/``, where model servers read them."""

from __future__ import annotations

import os
import shutil
from filecmp import cmp
from pathlib import Path

from include.model.registry.store import REPORT_FOLDER
from include.model.registry.stored_model import served_files
from include.settings import Settings


class PublishedModels:
    """The folder that promotion alone writes to."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.serving_dir.resolve() / settings.model_name

    def publish(self, version: int, source: Path) -> None:
        """Link or copy the model of ``source``, without its report; it appears in one step."""
        target, staged = self.folder / str(version), self.folder / f".publishing-{version}"
        if _same_files(source, target):
            return
        shutil.rmtree(staged, ignore_errors=True)
        shutil.copytree(
            source, staged, copy_function=_link_or_copy, ignore=lambda _, names: {REPORT_FOLDER} & set(names)
        )
        shutil.rmtree(target, ignore_errors=True)  # what was left there is not this model
        staged.rename(target)

    def withdraw(self, version: int) -> None:
        """Remove a version; nothing happens where there is none."""
        shutil.rmtree(self.folder / str(version), ignore_errors=True)


def _same_files(source: Path, published: Path) -> bool:
    """Whether every file that is served is there with the same content."""
    return all(
        (published / name).is_file() and cmp(source / name, published / name, shallow=False)
        for name in served_files(source)
    )


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another file system
        shutil.copy2(source, target)
