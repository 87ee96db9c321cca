"""The states of all model versions, and which version a label names; safe to share among threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.serving.local_server.payload.errors import RequestError, not_found

log = logging.getLogger("tweetsieve.serving")


@dataclass
class Version:
    """One version of a model, in one of the states START, LOADING, AVAILABLE, UNLOADING and END."""

    path: Path
    state: str = "START"
    error_code: str = "OK"
    error_message: str = ""
    servable: Any = None
    wanted: bool = True

    def as_status(self, number: int) -> dict[str, Any]:
        """An entry of ``model_version_status``."""
        return {
            "version": str(number),
            "state": self.state,
            "status": {"error_code": self.error_code, "error_message": self.error_message},
        }


class VersionTable:
    """Every version that was ever wanted since the server started."""

    def __init__(self) -> None:
        self._models: dict[str, dict[int, Version]] = {}
        self._labels: dict[str, dict[str, int]] | None = None
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)

    def __getitem__(self, key: tuple[str, int]) -> Version:
        return self._models[key[0]][key[1]]

    def lookup(self, name: str, version: int | None, label: str | None) -> tuple[int, Any]:
        """The servable that answers a request, and its version; the largest one by default.

        Raises:
            RequestError: with TensorFlow Serving's code and text.
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

    def status(self, name: str, version: int | None) -> list[dict[str, Any]]:
        """The state of every version of a model, or of one.

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
            return [known[number].as_status(number) for number in chosen]

    def adopt(self, wanted: dict[str, dict[int, Path]]) -> list[tuple[str, int]]:
        """Mark which versions are wanted; returns those to load, oldest first.

        A version that failed to load is loaded again only when it was unwanted in between.
        """
        to_load = []
        with self._lock:
            for name, folders in wanted.items():
                versions = self._models.setdefault(name, {})
                for number, path in sorted(folders.items()):
                    known = versions.get(number)
                    if known is None or (known.state == "END" and not known.wanted):
                        versions[number] = Version(path)
                        to_load.append((name, number))
            for name, number, version in self._all():
                version.wanted = number in wanted.get(name, {})
        return to_load

    def loaded(self, name: str, number: int, servable: Any) -> None:
        """Have a version answer requests."""
        with self._lock:
            self[name, number].servable = servable
        self.enter(name, number, "AVAILABLE")

    def failed(self, name: str, number: int, code: str, message: str) -> None:
        """End a version that could not be loaded."""
        version = self[name, number]
        version.error_code, version.error_message = code, message
        self.enter(name, number, "END")

    def unload_unwanted(self) -> None:
        """Unload what nobody wants, by the rules of ``availability_preserving_policy.cc``.

        A model's unwanted versions go, the lowest first, when a wanted one is AVAILABLE, or none is wanted;
        until then the highest of them stays.
        """
        while leaving := self._next_to_leave():
            name, number = leaving
            self.enter(name, number, "UNLOADING")
            with self._lock:
                self[name, number].servable = None  # requests under way hold a reference
            self.enter(name, number, "END")

    def wanted(self, name: str) -> dict[int, Version]:
        """The wanted versions of a model."""
        with self._lock:
            return {number: v for number, v in self._models.get(name, {}).items() if v.wanted}

    def wait_for(self, outcome: Callable[[], str | None]) -> str:
        """Ask for the outcome after each change of a state, until there is one."""
        with self._changed:
            while (found := outcome()) is None:
                self._changed.wait()
            return found

    def available(self) -> dict[str, set[int]]:
        """The versions that are AVAILABLE, by model."""
        found: dict[str, set[int]] = {}
        with self._lock:
            for name, number, version in self._all():
                if version.state == "AVAILABLE":
                    found.setdefault(name, set()).add(number)
        return found

    @property
    def labels(self) -> dict[str, dict[str, int]]:
        """The labels of each model."""
        return self._labels or {}

    @labels.setter
    def labels(self, labels: dict[str, dict[str, int]]) -> None:
        with self._lock:
            self._labels = labels

    def enter(self, name: str, number: int, state: str) -> None:
        """Move a version to a state."""
        with self._lock:
            self[name, number].state = state
            self._changed.notify_all()
        log.info("%s version %s: %s", name, number, state)

    def _all(self) -> Iterator[tuple[str, int, Version]]:
        for name, versions in self._models.items():
            for number, version in versions.items():
                yield name, number, version

    def _next_to_leave(self) -> tuple[str, int] | None:
        with self._lock:
            for name, versions in self._models.items():
                wanted = [version for version in versions.values() if version.wanted]
                serving = [n for n, v in versions.items() if v.state == "AVAILABLE" and not v.wanted]
                may_leave = not wanted or any(version.state == "AVAILABLE" for version in wanted)
                if serving and (may_leave or len(serving) > 1):
                    return name, min(serving)
        return None

    def _version_of(self, name: str, label: str) -> int:
        if self._labels is None:
            raise RequestError("Model labels does not init yet.", "UNAVAILABLE")
        try:
            return self._labels[name][label]
        except KeyError:
            raise RequestError(f"Unrecognized servable version label: {label}") from None
