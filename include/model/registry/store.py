"""The store of trained models: ``<models_dir>/<model name>/<model version>/``.

A version's folder is a SavedModel with a ``report/`` beside it. It appears in one step when it is
complete, so whatever is there can be used; a running training writes into a hidden folder.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from include.errors import UserError
from include.settings import Settings, get_settings

REPORT_FOLDER = "report"
"""Within a version's folder, beside the SavedModel: metrics, plots, model card and baselines. Not served."""
CARD_FILE = "model_card.md"
METRICS_FILE = "metrics.json"
TFIDF_FILE = "tfidf_lr.json"


class NoModel(UserError):
    """The store doesn't hold the model that was asked for."""


class ModelStore:
    """The trained versions of the settings' model.

    Attributes:
        marker: a file that every complete version has.
        filled_by: the DAG that trains this kind of model.
    """

    marker = "saved_model.pb"
    filled_by = "train_classifier"

    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or get_settings()
        self.folder = settings.models_dir / settings.model_name

    def path(self, version: int) -> Path:
        """The folder of a version.

        Raises:
            NoModel: it isn't there; the message names the store and the DAG that fills it.
        """
        folder = self.folder / str(version)
        if not (folder / self.marker).is_file():
            known = ", ".join(map(str, self.versions())) or "none"
            raise NoModel(
                f"model version {version} is not in the store {self.folder} (versions there: {known}); "
                f"run the DAG {self.filled_by} first, or choose one of those"
            )
        return folder

    def versions(self) -> list[int]:
        """The complete versions, smallest first."""
        if not self.folder.is_dir():
            return []
        complete = (entry.parent.name for entry in self.folder.glob(f"*/{self.marker}"))
        return sorted(int(name) for name in complete if name.isdecimal())

    def latest(self) -> int:
        """The largest complete version.

        Raises:
            NoModel: the store is empty.
        """
        versions = self.versions()
        if not versions:
            raise NoModel(f"no model in the store {self.folder}; run the DAG {self.filled_by} first")
        return versions[-1]

    def report(self, version: int) -> Path:
        """The folder of a version's metrics, plots, model card and baselines."""
        return self.path(version) / REPORT_FOLDER

    def metrics(self, version: int) -> dict[str, Any]:
        """The content of a version's ``metrics.json``."""
        return json.loads((self.report(version) / METRICS_FILE).read_text(encoding="utf-8"))

    def card(self, version: int | None = None) -> str:
        """The model card of a version, by default the latest, as Markdown; its pictures are in ``report``."""
        report = self.report(self.latest() if version is None else version)
        return (report / CARD_FILE).read_text(encoding="utf-8")

    @contextmanager
    def staging(self, version: int) -> Iterator[Path]:
        """A hidden folder that becomes the version's when the block succeeds, and is deleted otherwise."""
        target, staged = self.folder / str(version), self.folder / f".training-{version}"
        if target.exists():
            raise FileExistsError(f"model version {version} is already in the store {self.folder}")
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        try:
            yield staged
            staged.rename(target)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
