"""The local target: published models, and the configuration file that the embedded model server follows."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from include.promotion.subjects.registry import production_client
from include.promotion.targets.local.published import PublishedModels
from include.promotion.verification import require_server
from include.serving.client import ServingClient
from include.serving.config import STABLE, ModelConfig, config_file, read_config, write_config
from include.serving.errors import ServingUnavailable
from include.settings import Settings


class LocalTarget:
    """Versions are loaded and served by what is written into ``serving_dir/models.config``."""

    name = "local"
    patience = 0.0

    def __init__(self, settings: Settings, client: ServingClient | None = None) -> None:
        self._given_client = client
        self._settings, self._model = settings, settings.model_name
        self._published = PublishedModels(settings)
        self.config_path = config_file(settings)
        self.url = settings.model_url

    @cached_property
    def _client(self) -> ServingClient:
        return self._given_client or production_client(self._settings, self.url)

    def require(self, client: ServingClient) -> None:
        require_server(client)

    def current(self) -> int | None:
        """The version under the label ``stable`` in the file."""
        _, labels = self._configured()
        return labels.get(STABLE)

    def publish(self, version: int, folder: Path) -> None:
        self._published.publish(version, folder)

    def published(self, version: int) -> Path:
        return self._published.path(version)

    def load(self, version: int) -> str:
        """Add the version to the file, which the server reads again by itself.

        Raises:
            ServingError: the version failed to load.
            ServingUnavailable: no answer.
        """
        versions, labels = self._configured()
        if version not in versions:
            self._write({*versions, version}, labels)
        return "" if self._client.has(version) else f"version {version} is not AVAILABLE yet"

    def serve(self, version: int | None) -> str:
        """Load the version, then move the label, then drop the other versions.

        TensorFlow Serving refuses a label for a version that is not loaded yet, and calls for a label whose
        version is gone fail. So no step is taken before the server shows that it has taken the last one.
        """
        if version is None:
            self._write(set(), {})
            return ""
        try:
            return self._next_step_to(version)
        except ServingUnavailable:
            # The server answers nobody, perhaps because of the version that is to go: no order matters now.
            self._write({version}, {STABLE: version})
            raise

    def _next_step_to(self, version: int) -> str:
        if waiting := self.load(version):
            self._return_label_from(version)
            return waiting
        versions, labels = self._configured()
        if labels != {STABLE: version}:
            self._write(versions, {STABLE: version})
        if not self._client.serves(version):
            return f"the label {STABLE} does not name version {version} yet"
        self._write({version}, {STABLE: version})
        return ""

    def _return_label_from(self, version: int) -> None:
        """Let the label name what it names at the server, while the version that it is to name isn't loaded.

        The label is ahead in a file that was written while the server did not answer. A server that answers
        again without having been restarted refuses that file, because a label in use can only move to a
        version that is loaded. It would then never load the version.
        """
        _, labels = self._configured()
        if labels.get(STABLE) != version:
            return
        named = self._client.answering_version()
        if named not in (None, version):
            self._write({named, version}, {STABLE: named})

    def withdraw(self, version: int) -> None:
        self._published.withdraw(version)

    def _configured(self) -> tuple[set[int], dict[str, int]]:
        """The versions and labels of the model in the file."""
        for model in read_config(self.config_path):
            if model.name == self._model:
                return set(model.versions), model.labels
        return set(), {}

    def _write(self, versions: set[int], labels: dict[str, int]) -> None:
        """Replace the model's part of the file where it differs; other models' parts stay."""
        before = read_config(self.config_path)
        after = [model for model in before if model.name != self._model]
        if versions:
            base = str(self._published.folder)
            after.append(ModelConfig(self._model, base, tuple(sorted(versions)), labels))
        if after != before:
            write_config(self.config_path, after)
