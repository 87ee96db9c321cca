"""Which model versions are loaded: follows the configuration file, as TensorFlow Serving's manager does.

Versions are loaded one after the other in a thread while others go on serving. A version that is no longer
wanted is unloaded only once a wanted one of its model is AVAILABLE (TensorFlow Serving's
availability-preserving policy), so a new version that fails to load leaves the old one serving.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from include.serving.config import ConfigError, ModelConfig, read_config
from include.serving.local_server.errors import RequestError
from include.serving.local_server.servable import Servable
from include.serving.local_server.version_table import VersionTable

log = logging.getLogger("tweetsieve.serving")


@dataclass
class Manager:
    """Keeps what is loaded equal to what the file at ``config_path`` asks for.

    Args:
        config_path: read every ``poll_seconds``; 0 means once. A missing file means no model.
        max_retries, retry_seconds: of a load that failed.
        load: makes a servable of a folder.
    """

    config_path: Path
    poll_seconds: float = 1.0
    max_retries: int = 0
    retry_seconds: float = 1.0
    load: Callable[[Path], Any] = Servable
    _versions: VersionTable = field(default_factory=VersionTable)
    _warnings: set[str] = field(default_factory=set)
    _warnings_before: set[str] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Follow the file until ``stop``; meant for a thread."""
        while True:
            try:
                self.reconcile()
            except Exception:  # an error in one round must not end the thread
                log.exception("following %s failed; trying again", self.config_path)
            if self._stop.wait(self.poll_seconds or None):
                return

    def stop(self) -> None:
        """End ``run``, and a wait for a retry."""
        self._stop.set()

    def lookup(self, name: str, version: int | None = None, label: str | None = None) -> tuple[int, Any]:
        """The servable that answers a request, and its version; raises as ``VersionTable.lookup``."""
        return self._versions.lookup(name, version, label)

    def status(self, name: str, version: int | None = None) -> list[dict[str, Any]]:
        """The states of a model's versions, or of one; raises as ``VersionTable.status``."""
        return self._versions.status(name, version)

    def load_first(self) -> str:
        """Load the first configuration as TensorFlow Serving does before it opens its ports.

        Waits for the folders of all versions, without a limit.

        Returns:
            What failed to load; empty where every version is AVAILABLE.
        """
        while True:
            self.reconcile()
            known = self._versions.wanted()
            failed = [f"{what}: {version.error_message}" for what, version in known if version.state == "END"]
            if failed:
                return "; ".join(failed)
            asked = sum(len(model.versions) for model in read_config(self.config_path))
            if len(known) >= asked:
                return ""
            self._stop.wait(self.retry_seconds)

    def reconcile(self) -> None:
        """Read the file, load what is new, unload what is no longer wanted, then move the labels."""
        self._warnings_before, self._warnings = self._warnings, set()
        try:
            models = read_config(self.config_path)
        except (ConfigError, OSError) as error:
            self._warn(f"keeping the last configuration: {error}")
            return
        before = self._versions.available()
        for name, number in self._versions.adopt(self._folders(models)):
            if self._stop.is_set():
                return
            self._load(name, number)
        self._versions.unload_unwanted()
        self._move_labels(models, before)

    def _folders(self, models: list[ModelConfig]) -> dict[str, dict[int, Path]]:
        """The folders of the versions that are wanted and there, by model."""
        wanted = {model.name: model.wanted() for model in models}
        for model in models:
            for number in set(model.versions) - wanted[model.name].keys():
                folder = f"{model.base_path}/{number}"
                self._warn(f"version {number} of {model.name} was asked for; there is no {folder}")
        return wanted

    def _load(self, name: str, number: int) -> None:
        path = self._versions[name, number].path
        self._versions.enter(name, number, "LOADING")
        for attempt in range(self.max_retries + 1):
            if attempt and self._stop.wait(self.retry_seconds):
                return
            try:
                servable = self.load(path)
            except Exception as error:  # noqa: BLE001 - whatever a broken model raises becomes its state
                code = error.code if isinstance(error, RequestError) else "UNKNOWN"
                failure = (code, str(error) or type(error).__name__)
                log.warning("loading %s %s failed (try %s): %s", name, number, attempt + 1, failure[1])
                continue
            self._versions.loaded(name, number, servable)
            return
        self._versions.failed(name, number, *failure)

    def _move_labels(self, models: list[ModelConfig], before: dict[str, set[int]]) -> None:
        """Adopt all labels of the file, or none where one names a version that isn't loaded.

        A label in use moves only to a version that was loaded before the file was read.
        """
        now, labels = self._versions.available(), self._versions.labels
        for model in models:
            for label, number in model.labels.items():
                moves = labels.get(model.name, {}).get(label, number) != number
                if number not in (before if moves else now).get(model.name, ()):
                    self._warn(
                        f"Request to assign label {label} to version {number} of model {model.name}, "
                        "which is not currently available for inference; labels stay as they were"
                    )
                    return
        self._versions.labels = {model.name: dict(model.labels) for model in models}

    def _warn(self, message: str) -> None:
        """Log a lasting fault once, not at every poll."""
        if message not in self._warnings_before | self._warnings:
            log.warning("%s", message)
        self._warnings.add(message)
