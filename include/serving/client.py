"""A client of the model server's REST API: batches of texts in, checked probabilities out."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import orjson

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Answers that say "not now"; asking again can help, and a prediction changes nothing."""


class ServingError(RuntimeError):
    """The server answered, but not with what was asked; ``status`` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServingUnavailable(RuntimeError):
    """No answer from the server; the message names the address."""


@dataclass(frozen=True)
class Prediction:
    """Probabilities, float64[n] in the order of the texts, and the model version that gave them."""

    probabilities: np.ndarray
    model_version: int


@dataclass(frozen=True)
class VersionStatus:
    """What the server says of one version; ``state`` such as AVAILABLE, or END after a failed load."""

    version: int
    state: str
    error: str

    @property
    def available(self) -> bool:
        return self.state == "AVAILABLE"

    @property
    def failed(self) -> bool:
        return self.state == "END" and bool(self.error)


class ServingClient:
    """Talks to one model of one server over kept-alive connections; safe to share among threads.

    Args:
        base_url: such as ``http://127.0.0.1:8501``.
        timeout: seconds for an answer; connecting has at most 5 of them.
        attempts: tries of a request that gets no answer, or one that says "not now".
        label: version label asked for by default, such as ``stable``; None means the largest version.
    """

    def __init__(
        self,
        base_url: str,
        model_name: str,
        timeout: float = 30.0,
        attempts: int = 3,
        label: str | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.model_name = model_name
        self.label = label
        self._attempts = attempts
        self._path = f"/v1/models/{quote(model_name, safe='')}"
        self._http = httpx.Client(
            base_url=self.base_url,
            timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)),
            limits=httpx.Limits(max_keepalive_connections=8, keepalive_expiry=60),
            verify=self.base_url.startswith("https:"),  # reading the certificates takes longest
            trust_env=False,  # a proxy of the environment has no business before a server of ours
        )

    def __enter__(self) -> ServingClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def predict(self, texts: Sequence[str], version: int | None = None) -> Prediction:
        """Probabilities that the texts are about AI.

        Raises:
            ValueError: no texts.
            ServingError: the server refused, or its answer isn't n probabilities of one version.
            ServingUnavailable: no answer.
        """
        if not texts:
            raise ValueError("predict needs at least one text")
        body = orjson.dumps({"inputs": {"text": [_sendable(text) for text in texts]}})
        response = self._request("POST", f"{self._target(version)}:predict", body)
        return _check_prediction(_json(response), len(texts), version, response)

    def status(self, version: int | None = None) -> list[VersionStatus]:
        """The states of all versions the server knows, or of one.

        Raises:
            ServingError: 404 where the server knows no such model or version.
            ServingUnavailable: no answer.
        """
        path = self._path if version is None else f"{self._path}/versions/{version}"
        found = _json(self._request("GET", path)).get("model_version_status", [])
        return [
            VersionStatus(int(one["version"]), one["state"], one.get("status", {}).get("error_message", ""))
            for one in found
        ]

    def is_ready(self) -> bool:
        """Whether some version of the model answers; False too where there is no server."""
        try:
            return self._http.get(f"{self._path}/metadata").status_code == 200
        except httpx.TransportError:
            return False

    def has(self, version: int) -> bool:
        """Whether the server says AVAILABLE for the version by name.

        Raises:
            ServingError: the version failed to load.
            ServingUnavailable: no answer.
        """
        state = self._state(version)
        if state is not None and state.failed:
            raise ServingError(f"version {version} of {self.model_name} failed to load: {state.error}", 500)
        return state is not None and state.available

    def serves(self, version: int) -> bool:
        """Whether a request without a number is answered by the version.

        Raises:
            ServingUnavailable: no answer.
        """
        try:
            return self.predict(["served by"]).model_version == version
        except ServingError:
            return False

    def wait_available(self, version: int, timeout: float = 60.0) -> None:
        """Wait until the server says AVAILABLE for the version by name.

        Raises:
            ServingError: the version failed to load, or isn't AVAILABLE in time; says its last state.
            ServingUnavailable: no answer.
        """
        deadline = time.monotonic() + timeout
        while not self.has(version):
            if time.monotonic() > deadline:
                last = self._state(version)
                state = "unknown to the server" if last is None else last.state
                raise ServingError(
                    f"version {version} of {self.model_name} was not AVAILABLE at {self.base_url} within "
                    f"{timeout:g} s; last state: {state}",
                    504,
                )
            time.sleep(0.1)

    def _state(self, version: int) -> VersionStatus | None:
        try:
            return self.status(version)[0]
        except ServingError as error:
            if error.status == 404:
                return None
            raise

    def _target(self, version: int | None) -> str:
        if version is not None:
            return f"{self._path}/versions/{version}"
        return self._path if self.label is None else f"{self._path}/labels/{quote(self.label, safe='')}"

    def _request(self, method: str, path: str, body: bytes | None = None) -> httpx.Response:
        for attempt in range(1, self._attempts + 1):
            last_try = attempt == self._attempts
            try:
                response = self._http.request(
                    method, path, content=body, headers={"Content-Type": "application/json"}
                )
            except httpx.TransportError as error:
                if last_try:
                    reason = f"{type(error).__name__}: {error}"
                    raise ServingUnavailable(
                        f"no answer from the model server at {self.base_url} ({reason})"
                    ) from error
            else:
                if response.status_code == 200:
                    return response
                if last_try or response.status_code not in RETRIED_STATUSES:
                    raise ServingError(_error_text(response), response.status_code)
            time.sleep(random.uniform(0.5, 1.0) * 0.2 * 2**attempt)
        raise AssertionError("unreachable")


def _sendable(text: str) -> str:
    """The text without lone surrogates, which JSON in UTF-8 can't carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _json(response: httpx.Response) -> dict[str, Any]:
    """The answer's object; ``json`` reads the NaN tokens that orjson refuses."""
    try:
        value = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(response.content)
        except ValueError as error:
            raise ServingError(
                f"{response.url} answered with what is not JSON: {error}", response.status_code
            ) from error
    if not isinstance(value, dict):
        raise ServingError(f"{response.url} answered with JSON that is not an object", response.status_code)
    return value


def _error_text(response: httpx.Response) -> str:
    try:
        text = str(_json(response).get("error", ""))
    except ServingError:
        text = response.text[:200]
    return f"{response.url} answered {response.status_code}: {text}"


def _check_prediction(
    answer: dict[str, Any], count: int, version: int | None, response: httpx.Response
) -> Prediction:
    """Only n finite numbers within [0, 1], all of one (the asked) model version, are a prediction."""

    def refuse(what: str) -> ServingError:
        return ServingError(f"{response.url} answered {what}", response.status_code)

    outputs = answer.get("outputs")
    if not isinstance(outputs, dict) or not {"ai_prob", "model_version"} <= outputs.keys():
        raise refuse("without the outputs ai_prob and model_version")
    try:
        probabilities = np.asarray(outputs["ai_prob"], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise refuse("probabilities that are not numbers") from error
    if probabilities.shape != (count,):
        raise refuse(f"{probabilities.shape} probabilities for {count} texts")
    if not np.isfinite(probabilities).all():
        raise refuse("a probability that is not a finite number")
    if probabilities.min() < 0 or probabilities.max() > 1:
        raise refuse("a probability outside [0, 1]")
    versions = set(outputs["model_version"]) if isinstance(outputs["model_version"], list) else set()
    if len(versions) != 1 or (version is not None and versions != {version}):
        asked = "one version" if version is None else f"version {version}"
        raise refuse(f"for model versions {sorted(map(str, versions))} where {asked} was asked")
    return Prediction(probabilities, int(versions.pop()))
