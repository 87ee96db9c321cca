"""The local target: folders and the configuration file that the embedded model server reads."""

from __future__ import annotations

import os
import shutil
from filecmp import cmp
from functools import cached_property
from pathlib import Path

from include.promotion.verification import require_server
from include.serving.client import ServingClient, ServingUnavailable
from include.serving.config import ModelConfig, read_config, write_config
from include.settings import Settings

STABLE = "stable"


class LocalTarget:
    """``serving_dir/<model name>/<version>/`` and ``serving_dir/models.config``."""

    name = "local"
    patience = 0.0

    def __init__(self, settings: Settings, client: ServingClient | None = None) -> None:
        self._given = client
        self._model = settings.model_name
        self._base = settings.serving_dir.resolve() / settings.model_name
        self.config_path = settings.serving_dir / "models.config"
        self.url = settings.model_url

    @cached_property
    def _client(self) -> ServingClient:
        return self._given or ServingClient(self.url, self._model, label=STABLE)

    def require(self, client: ServingClient) -> None:
        require_server(client)

    def current(self) -> int | None:
        """The version under the label ``stable``, else the only one, that the file names."""
        versions, labels = self._asked()
        return labels.get(STABLE) or max(versions, default=None)

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

    def load(self, version: int) -> str:
        """The server reads the file anew by itself.

        Raises:
            ServingError: the version failed to load.
            ServingUnavailable: no answer.
        """
        asked, labels = self._asked()
        if version not in asked:
            self._write({*asked, version}, labels)
        return "" if self._client.has(version) else f"version {version} is not AVAILABLE yet"

    def serve(self, version: int | None) -> str:
        """First the version is loaded, then the label moves, then the others go.

        TensorFlow Serving refuses a label for a version that is not loaded yet, and calls for a label whose
        version is gone already fail; so no step is taken before the server shows that it made the last one.
        """
        if version is None:
            self._write(set(), {})
            return ""
        try:
            return self._step_to(version)
        except ServingUnavailable:
            # It answers nobody, perhaps because of the version that is to go: no order to be kept.
            self._write({version}, {STABLE: version})
            raise

    def _step_to(self, version: int) -> str:
        if waiting := self.load(version):
            return waiting
        asked, labels = self._asked()
        if labels != {STABLE: version}:
            self._write(asked, {STABLE: version})
        if not self._client.serves(version):
            return f"the label {STABLE} does not name version {version} yet"
        self._write({version}, {STABLE: version})
        return ""

    def withdraw(self, version: int) -> None:
        shutil.rmtree(self._base / str(version), ignore_errors=True)

    def _asked(self) -> tuple[set[int], dict[str, int]]:
        """The versions and labels that the file asks for."""
        for model in read_config(self.config_path):
            if model.name == self._model:
                return set(model.versions), model.labels
        return set(), {}

    def _write(self, versions: set[int], labels: dict[str, int]) -> None:
        """Replace our model's part of the file, where it differs; other models' parts stay."""
        before = read_config(self.config_path)
        wanted = [model for model in before if model.name != self._model]
        if versions:
            wanted.append(ModelConfig(self._model, str(self._base), tuple(sorted(versions)), labels))
        if wanted != before:
            write_config(self.config_path, wanted)


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
