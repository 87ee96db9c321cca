"""A client of the model server's REST API: batches of examples in, checked probabilities out."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import orjson
from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception,
    retry_if_result,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential_jitter,
    wait_fixed,
)

from include.serving.errors import ServingError, ServingUnavailable
from include.serving.examples import TEXTS, ExampleForm
from include.serving.prediction import Prediction, read_prediction

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Answers that mean "not now". Asking again can help and does no harm: a prediction changes nothing."""
NO_SUCH_MODEL = frozenset({400, 404})
"""Answers of TensorFlow Serving where no loaded version has the label (400), or none is loaded (404)."""
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class VersionStatus:
    """What the server reports of one version; ``state`` such as AVAILABLE, or END after a failed load."""

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
        timeout: seconds to wait for an answer; at most 5 of them for a connection.
        attempts: how often a request is sent that gets no answer, or one that means "not now".
        label: version label to ask for by default, such as ``stable``; None means the largest version.
        form: how :meth:`predict` sends examples.
    """

    def __init__(
        self,
        base_url: str,
        model_name: str,
        timeout: float = 30.0,
        attempts: int = 3,
        label: str | None = None,
        form: ExampleForm = TEXTS,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.model_name = model_name
        self.label = label
        self.form = form
        self._path = f"/v1/models/{quote(model_name, safe='')}"
        self._retrying = Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(attempts),
            wait=wait_exponential_jitter(multiplier=0.2, jitter=0.2),
            reraise=True,
        )
        self._http = httpx.Client(
            base_url=self.base_url,
            timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)),
            limits=httpx.Limits(max_keepalive_connections=8, keepalive_expiry=60),
            verify=self.base_url.startswith("https:"),  # reading the certificates takes longest
            trust_env=False,  # the environment's proxy is not for servers of ours
        )

    def __enter__(self) -> ServingClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def predict(self, texts: Sequence[str], version: int | None = None) -> Prediction:
        """Probabilities of the positive class for examples, such as that texts are about AI.

        Raises:
            ValueError: no texts.
            ServingError: the server refused, or its answer isn't n probabilities of one version.
            ServingUnavailable: no answer.
        """
        if not texts:
            raise ValueError("predict needs at least one text")
        inputs = self.form.inputs(texts)
        body = orjson.dumps({"inputs": inputs}, option=orjson.OPT_SERIALIZE_NUMPY)
        response = self._request("POST", f"{self._target(version)}:predict", body)
        return read_prediction(_json(response), len(texts), version, str(response.url), self.form.output)

    def outputs(self, inputs: Mapping[str, Any], version: int | None = None) -> Any:
        """The outputs as the server's JSON has them: lists by name, or the bare list of an only output.

        Args:
            inputs: lists or numpy arrays by name, of n rows each.

        Raises:
            ServingError: the server refused.
            ServingUnavailable: no answer.
        """
        body = orjson.dumps({"inputs": inputs}, option=orjson.OPT_SERIALIZE_NUMPY)
        return _json(self._request("POST", f"{self._target(version)}:predict", body)).get("outputs")

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
        """Whether some version of the model answers; False as well where there is no server."""
        try:
            return self._http.get(f"{self._path}/metadata").status_code == 200
        except httpx.TransportError:
            return False

    def answering_version(self) -> int | None:
        """The version that answers a request without a number; None where no version does.

        Raises:
            ServingError: an answer that is neither.
            ServingUnavailable: no answer.
        """
        try:
            answer = _json(self._request("GET", f"{self._target(None)}/metadata"))
        except ServingError as error:
            if error.status in NO_SUCH_MODEL:
                return None
            raise
        return int(answer["model_spec"]["version"])

    def has(self, version: int) -> bool:
        """Whether the server reports AVAILABLE for the version by name.

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
            return self.predict([self.form.any]).model_version == version
        except ServingError:
            return False

    def wait_available(self, version: int, timeout: float = 60.0) -> None:
        """Wait until the server reports AVAILABLE for the version by name.

        Raises:
            ServingError: the version failed to load, or isn't AVAILABLE within ``timeout`` seconds; carries
                its last state.
            ServingUnavailable: no answer.
        """
        poll = Retrying(
            retry=retry_if_result(operator.not_),
            stop=stop_after_delay(timeout),
            wait=wait_fixed(POLL_SECONDS),
        )
        try:
            poll(self.has, version)
        except RetryError as error:
            last = self._state(version)
            state = "unknown to the server" if last is None else last.state
            raise ServingError(
                f"version {version} of {self.model_name} was not AVAILABLE at {self.base_url} within "
                f"{timeout:g} s; last state: {state}",
                504,
            ) from error

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
        try:
            return self._retrying(self._send, method, path, body)
        except httpx.TransportError as error:
            reason = f"{type(error).__name__}: {error}"
            raise ServingUnavailable(
                f"no answer from the model server at {self.base_url} ({reason})"
            ) from error

    def _send(self, method: str, path: str, body: bytes | None) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        response = self._http.request(method, path, content=body, headers=headers)
        if response.status_code != 200:
            raise ServingError(_error_text(response), response.status_code)
        return response


def _may_pass(error: BaseException) -> bool:
    """Whether asking again can help."""
    if isinstance(error, ServingError):
        return error.status in RETRIED_STATUSES
    return isinstance(error, httpx.TransportError)


def _json(response: httpx.Response) -> dict[str, Any]:
    """The answer's object; the fallback to ``json`` reads the NaN tokens that orjson refuses."""
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
