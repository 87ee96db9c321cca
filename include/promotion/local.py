"""The local target: folders and the configuration file that the embedded model server reads."""

from __future__ import annotations

import os
import shutil
from filecmp import cmp
from pathlib import Path

from include.promotion.proof import require_server
from include.serving.client import ServingClient
from include.serving.config import ModelConfig, read_config, write_config
from include.settings import Settings

STABLE = "stable"


class LocalTarget:
    """``serving_dir/<model name>/<version>/`` and ``serving_dir/models.config``."""

    name = "local"

    def __init__(self, settings: Settings) -> None:
        self._model = settings.model_name
        self._base = settings.serving_dir.resolve() / settings.model_name
        self.config_path = settings.serving_dir / "models.config"
        self.url = settings.model_url

    def require(self, client: ServingClient) -> None:
        require_server(client)

    def current(self) -> int | None:
        """The version under the label ``stable``, else the only one, that the file names."""
        for model in read_config(self.config_path):
            if model.name == self._model:
                return model.labels.get(STABLE) or max(model.versions, default=None)
        return None

    def publish(self, version: int, folder: Path) -> None:
        """Link or copy the model in one visible step; its report stays in the store."""
        target, staged = self._base / str(version), self._base / f".publishing-{version}"
        if _same_files(folder, target):
            return
        shutil.rmtree(staged, ignore_errors=True)
        shutil.copytree(
            folder, staged, copy_function=_link_or_copy, ignore=lambda _, names: {"report"} & set(names)
        )
        shutil.rmtree(target, ignore_errors=True)  # a leftover that isn't this model
        staged.rename(target)

    def load(self, version: int) -> None:
        current = self.current()
        if current is None:
            self._write(ModelConfig(self._model, str(self._base), (version,)))
        else:
            versions = tuple(sorted({current, version}))
            self._write(ModelConfig(self._model, str(self._base), versions, {STABLE: current}))

    def serve(self, version: int | None) -> None:
        if version is None:
            self._write(None)
        else:
            self._write(ModelConfig(self._model, str(self._base), (version,), {STABLE: version}))

    def withdraw(self, version: int) -> None:
        shutil.rmtree(self._base / str(version), ignore_errors=True)

    def _write(self, model: ModelConfig | None) -> None:
        """Replace our model's part of the file; other models' parts stay."""
        others = [other for other in read_config(self.config_path) if other.name != self._model]
        write_config(self.config_path, [*others, model] if model else others)


def _same_files(folder: Path, published: Path) -> bool:
    """Whether every file that is served is there with the same content."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    served = [path for path in files if path.parts[0] != "report"]
    return all((published / p).is_file() and cmp(folder / p, published / p, shallow=False) for p in served)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
