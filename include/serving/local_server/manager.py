"""Which model versions are loaded: follows the configuration file, as TF Serving's manager does.

Versions load one after the other in a thread of their own while the others keep serving. A version
that nobody wants any more is unloaded only once a wanted one of its model is AVAILABLE (TF Serving's
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
from include.serving.local_server.errors import RequestError, not_found
from include.serving.local_server.servable import Servable

log = logging.getLogger("tweetsieve.serving")


@dataclass
class Version:
    """One version of a model: START, LOADING, AVAILABLE, UNLOADING or END."""

    path: Path
    state: str = "START"
    error_code: str = "OK"
    error_message: str = ""
    servable: Servable | None = None
    wanted: bool = True


@dataclass
class Manager:
    """Keeps what is loaded equal to what the file at ``config_path`` asks for.

    Args:
        config_path: read anew every ``poll_seconds``; 0 means once. A missing file means no model.
        max_retries, retry_seconds: of a load that failed.
        load: makes a servable of a folder.
    """

    config_path: Path
    poll_seconds: float = 1.0
    max_retries: int = 0
    retry_seconds: float = 1.0
    load: Callable[[Path], Any] = Servable
    _models: dict[str, dict[int, Version]] = field(default_factory=dict)
    _labels: dict[str, dict[str, int]] | None = None
    _complaints: set[str] = field(default_factory=set)
    _complaints_before: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Follow the file until ``stop``; meant for a thread."""
        while True:
            try:
                self.reconcile()
            except Exception:  # one bad round must not end the following of the file
                log.exception("following %s failed; trying again", self.config_path)
            if self._stop.wait(self.poll_seconds or None):
                return

    def stop(self) -> None:
        self._stop.set()

    def load_first(self) -> str:
        """Load the first configuration as TF Serving does before it opens its ports.

        A version without a folder is waited for, without end.

        Returns:
            What failed to load; empty where every version is AVAILABLE.
        """
        while True:
            self.reconcile()
            with self._lock:
                known = [
                    (f"{name} version {number}", version)
                    for name, versions in self._models.items()
                    for number, version in versions.items()
                    if version.wanted
                ]
            failed = [f"{what}: {version.error_message}" for what, version in known if version.state == "END"]
            if failed:
                return "; ".join(failed)
            asked = sum(len(model.versions) for model in read_config(self.config_path))
            if len(known) >= asked:
                return ""
            self._stop.wait(self.retry_seconds)

    def reconcile(self) -> None:
        """Read the file, load what is new, unload what is no longer wanted, then move the labels."""
        self._complaints_before, self._complaints = self._complaints, set()
        try:
            models = read_config(self.config_path)
        except (ConfigError, OSError) as error:
            self._complain(f"keeping the last configuration: {error}")
            return
        before = self._available()
        for name, version in self._adopt(models):
            if self._stop.is_set():
                return
            self._load(name, version)
        self._unload_unwanted()
        self._move_labels(models, before)

    def lookup(self, name: str, version: int | None = None, label: str | None = None) -> tuple[int, Any]:
        """The servable that answers a request, and its version; the largest one by default.

        Raises:
            RequestError: with TF Serving's code and text.
        """
        with self._lock:
            if label is not None:
                version = self._version_of(name, label)
            ready = {n: v for n, v in self._models.get(name, {}).items() if v.servable is not None}
            chosen = max(ready, default=None) if version is None else version
            if chosen is None or chosen not in ready:
                asked = f"Latest({name})" if version is None else f"Specific({name}, {version})"
                raise not_found(f"Servable not found for request: {asked}")
            return chosen, ready[chosen].servable

    def status(self, name: str, version: int | None = None) -> list[dict[str, Any]]:
        """The state of every version known since the start, or of one.

        Raises:
            RequestError: NOT_FOUND.
        """
        with self._lock:
            known = self._models.get(name, {})
            if version is not None and version not in known:
                raise not_found(f"Could not find version {version} of model {name}")
            if not known:
                raise not_found(f"Could not find any versions of model {name}")
            chosen = [version] if version is not None else sorted(known, reverse=True)
            return [_status(number, known[number]) for number in chosen]

    def _version_of(self, name: str, label: str) -> int:
        if self._labels is None:
            raise RequestError("Model labels does not init yet.", "UNAVAILABLE")
        try:
            return self._labels[name][label]
        except KeyError:
            raise RequestError(f"Unrecognized servable version label: {label}") from None

    def _adopt(self, models: list[ModelConfig]) -> list[tuple[str, int]]:
        """Mark what is wanted; return what has to be loaded, oldest first."""
        wanted = {model.name: model.wanted() for model in models}
        for model in models:
            for number in set(model.versions) - wanted[model.name].keys():
                folder = f"{model.base_path}/{number}"
                self._complain(f"version {number} of {model.name} was asked for; there is no {folder}")
        to_load = []
        with self._lock:
            for name, folders in wanted.items():
                versions = self._models.setdefault(name, {})
                for number, path in sorted(folders.items()):
                    # A load that failed is tried again only when its version is wanted anew.
                    if number not in versions or (
                        versions[number].state == "END" and not versions[number].wanted
                    ):
                        versions[number] = Version(path)
                        to_load.append((name, number))
            for name, versions in self._models.items():
                for number, known in versions.items():
                    known.wanted = number in wanted.get(name, {})
        return to_load

    def _load(self, name: str, number: int) -> None:
        version = self._models[name][number]
        self._enter(name, number, "LOADING")
        for attempt in range(self.max_retries + 1):
            if attempt and self._stop.wait(self.retry_seconds):
                return
            try:
                servable = self.load(version.path)
            except Exception as error:  # noqa: BLE001 - whatever a model breaks with is its state
                code = error.code if isinstance(error, RequestError) else "UNKNOWN"
                failure = (code, str(error) or type(error).__name__)
                log.warning("loading %s %s failed (try %s): %s", name, number, attempt + 1, failure[1])
                continue
            with self._lock:
                version.servable = servable
            self._enter(name, number, "AVAILABLE")
            return
        version.error_code, version.error_message = failure
        self._enter(name, number, "END")

    def _unload_unwanted(self) -> None:
        with self._lock:
            leaving = [
                (name, number)
                for name, versions in self._models.items()
                for number, version in versions.items()
                if version.state == "AVAILABLE" and not version.wanted and self._may_leave(versions)
            ]
        for name, number in leaving:
            self._enter(name, number, "UNLOADING")
            with self._lock:
                self._models[name][number].servable = None  # requests under way hold their own
            self._enter(name, number, "END")

    @staticmethod
    def _may_leave(versions: dict[int, Version]) -> bool:
        wanted = [version for version in versions.values() if version.wanted]
        return not wanted or any(version.state == "AVAILABLE" for version in wanted)

    def _available(self) -> dict[str, set[int]]:
        """The versions that are AVAILABLE, by model."""
        with self._lock:
            return {
                name: {number for number, version in versions.items() if version.state == "AVAILABLE"}
                for name, versions in self._models.items()
            }

    def _move_labels(self, models: list[ModelConfig], before: dict[str, set[int]]) -> None:
        """All labels of the file, or, where one names a version that isn't loaded, those of before.

        A label in use moves only to a version that was loaded when the file was read.
        """
        now, labels = self._available(), self._labels or {}
        for model in models:
            for label, number in model.labels.items():
                moves = labels.get(model.name, {}).get(label, number) != number
                if number not in (before if moves else now).get(model.name, ()):
                    self._complain(
                        f"Request to assign label {label} to version {number} of model {model.name}, "
                        "which is not currently available for inference; labels stay as they were"
                    )
                    return
        with self._lock:
            self._labels = {model.name: dict(model.labels) for model in models}

    def _enter(self, name: str, number: int, state: str) -> None:
        with self._lock:
            self._models[name][number].state = state
        log.info("%s version %s: %s", name, number, state)

    def _complain(self, message: str) -> None:
        """Log a lasting fault once, not at every poll."""
        if message not in self._complaints_before | self._complaints:
            log.warning("%s", message)
        self._complaints.add(message)


def _status(number: int, version: Version) -> dict[str, Any]:
    return {
        "version": str(number),
        "state": version.state,
        "status": {"error_code": version.error_code, "error_message": version.error_message},
    }
