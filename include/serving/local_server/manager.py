"""Which model versions are loaded: follows the configuration file, as TensorFlow Serving's manager does.

Versions are loaded one after the other in a thread while others go on serving. A configuration is taken as a
whole or not at all: one that moves a label in use to a version that isn't loaded is refused, and tried again
each time the file is read (``server_core.cc``, ReloadConfig).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from include.serving.config import ConfigError, ModelConfig, read_if_any
from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.servable import Servable
from include.serving.local_server.version_table import VersionTable

log = logging.getLogger("tweetsieve.serving")


@dataclass
class Manager:
    """Keeps what is loaded equal to what the file at ``config_path`` asks for.

    Args:
        config_path: read every ``poll_seconds``; 0 means once. A file that is missing at first means no
            model; one that is gone later, or that says nothing, leaves all as it is.
        only: in place of a file, the one model to serve.
        folder_seconds: how often folders are looked through for versions; 0 means once.
        labels_ahead: whether a new label may name a version that is not loaded.
        max_retries, retry_seconds: of a load that failed.
        load: makes a servable of a folder.
    """

    config_path: Path
    poll_seconds: float = 1.0
    folder_seconds: float = 1.0
    max_retries: int = 0
    retry_seconds: float = 1.0
    labels_ahead: bool = True
    only: ModelConfig | None = None
    load: Callable[[Path], Any] = Servable
    _models: list[ModelConfig] | None = None
    _versions: VersionTable = field(default_factory=VersionTable)
    _warnings: set[str] = field(default_factory=set)
    _warnings_before: set[str] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Read the file, then follow it in a thread until ``stop``."""
        self._read()
        threading.Thread(target=self._run, name="models", daemon=True).start()

    def _run(self) -> None:
        pause = min(
            (seconds for seconds in (self.poll_seconds, self.folder_seconds) if seconds > 0), default=None
        )
        followed = None
        while True:
            try:
                if self.folder_seconds > 0 or self._models is not followed:
                    followed = self._models
                    self._follow()
                if self._stop.wait(pause):
                    return
                if self.poll_seconds > 0:
                    self._read()
            except Exception:  # an error in one round must not end the thread
                log.exception("following %s failed; trying again", self.config_path)
                if self._stop.wait(pause):
                    return

    def stop(self) -> None:
        """End the thread, and a wait for a retry."""
        self._stop.set()

    def lookup(self, name: str, version: int | None = None, label: str | None = None) -> tuple[int, Any]:
        """The servable that answers a request, and its version; raises as ``VersionTable.lookup``."""
        return self._versions.lookup(name, version, label)

    def status(self, name: str, version: int | None = None) -> list[dict[str, Any]]:
        """The states of a model's versions, or of one; raises as ``VersionTable.status``."""
        return self._versions.status(name, version)

    def wait_for_first(self, *, every: bool = False) -> str:
        """Wait until the first configuration is served, without a limit; to be called after ``start``.

        Args:
            every: wait for every version, as TensorFlow Serving does not: it opens its ports when each model
                has one that is AVAILABLE (``servable_state_monitor.cc``).

        Returns:
            What failed to load; empty where there is enough to serve.
        """
        models = self._models or []
        return self._versions.wait_for(lambda: self._first_outcome(models, every))

    def _first_outcome(self, models: list[ModelConfig], every: bool) -> str | None:
        for model in models:
            versions = self._versions.wanted(model.name)
            ready = [number for number, version in versions.items() if version.state == "AVAILABLE"]
            failed = {n: version for n, version in versions.items() if version.state == "END"}
            if failed and (every or len(failed) == len(versions)):
                return "; ".join(f"{model.name} version {n}: {v.error_message}" for n, v in failed.items())
            missing = set(model.versions) - set(ready) if every else set()
            if not ready or missing or (every and len(ready) < len(versions)):
                return None
        return ""

    def reconcile(self) -> None:
        """Read the file, move the labels, unload what is no longer wanted, and load what is new."""
        self._read()
        self._follow()

    def _read(self) -> None:
        """Take the configuration of the file, or warn why it is not taken."""
        self._warnings_before, self._warnings = self._warnings, set()
        try:
            models = [self.only] if self.only else self._in_file()
        except (ConfigError, OSError) as error:
            self._warn(f"keeping the last configuration: {error}")
            return
        if models is None:
            if self._models:
                self._warn(f"keeping the last configuration: {self.config_path} says nothing")
            return
        if refused := self._refused_label(models):
            self._warn(f"keeping the last configuration: {refused}")
            return
        self._versions.labels = {model.name: dict(model.labels) for model in models}
        if models != self._models:
            self._models = models

    def _in_file(self) -> list[ModelConfig] | None:
        try:
            return read_if_any(self.config_path)
        except FileNotFoundError:
            if self._models is None:
                return []
            raise

    def _follow(self) -> None:
        """Load and unload by the configuration and the folders."""
        if self._models is None:
            return
        to_load = self._versions.adopt(self._folders(self._models))
        self._versions.unload_unwanted()
        for name, number in to_load:
            if self._stop.is_set():
                return
            self._load(name, number)
            self._versions.unload_unwanted()

    def _folders(self, models: list[ModelConfig]) -> dict[str, dict[int, Path]]:
        """The folders of the versions that are wanted and there, by model.

        Where a base path is gone, all models of the configuration keep the versions that they have, as in
        ``file_system_storage_path_source.cc``: a volume that is away for a moment unloads nothing.
        """
        if gone := [model for model in models if not Path(model.base_path).exists()]:
            for model in gone:
                self._warn(f"Could not find base path {model.base_path} for servable {model.name}")
            names = [model.name for model in models]
            return {name: {n: v.path for n, v in self._versions.wanted(name).items()} for name in names}
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

    def _refused_label(self, models: list[ModelConfig]) -> str:
        """Why the labels can't be as the models say; empty where they can (UpdateModelVersionLabelMap)."""
        available, labels = self._versions.available(), self._versions.labels
        for model in models:
            for label, number in model.labels.items():
                in_use = labels.get(model.name, {}).get(label)
                ahead = self.labels_ahead and in_use in (None, number)
                if not ahead and number not in available.get(model.name, ()):
                    return (
                        f"Request to assign label {label} to version {number} of model {model.name}, "
                        "which is not currently available for inference"
                    )
        return ""

    def _warn(self, message: str) -> None:
        """Log a lasting fault once, not at every poll."""
        if message not in self._warnings_before | self._warnings:
            log.warning("%s", message)
        self._warnings.add(message)
