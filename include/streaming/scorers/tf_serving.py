"""A model behind TF Serving's REST API, as an endpoint."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import pyarrow as pa

from include.serving.client import ServingClient
from include.serving.errors import ServingError, ServingUnavailable
from include.streaming.scorer_choices import TfServing
from include.streaming.scorers.base import NotNow, Refused, Scores
from include.streaming.scorers.columns import json_values, one_row, output_columns, types_of
from include.streaming.scorers.remote import RemoteScorer

REFUSALS = frozenset({200, 400, 413, 422})
"""Answers about the content of a request; 200 is one that is no answer, such as broken JSON.
The others (404: no model loaded yet; 429, 5xx) are about the server, and pass."""

VERSION_SECONDS = 5.0
"""How long the server's answer to the question which version it serves counts."""


class Client(Protocol):
    """What is used of :class:`include.serving.client.ServingClient`."""

    def outputs(self, inputs: Mapping[str, Any], version: int | None = None) -> Any: ...

    def answering_version(self) -> int | None: ...


@dataclass
class TfServingEndpoint:
    """Asks for outputs, and for the version that gave them.

    Attributes:
        version: asked for by its number; None means what the declared label stands for.
    """

    client: Client
    declared: TfServing
    version: int | None = None
    _served: str = ""
    _served_at: float = field(default=float("-inf"))

    def ask(self, inputs: pa.RecordBatch) -> Scores:
        columns = {name: json_values(inputs.column(ours)) for name, ours in self.declared.inputs.items()}
        try:
            answer = self.client.outputs(columns, self.version)
            version = self._version(answer)
        except ServingUnavailable as problem:
            timed_out = isinstance(problem.__cause__, httpx.TimeoutException)
            raise NotNow(str(problem), timed_out=timed_out) from problem
        except ServingError as problem:
            if problem.status in REFUSALS:
                raise Refused(self._reason(problem.status), str(problem)) from problem
            raise NotNow(str(problem)) from problem
        if not isinstance(answer, dict):  # a single output comes without its name
            answer = {self.declared.outputs[0].name: answer}
        return Scores.of(
            output_columns(answer, self.declared.outputs, inputs.num_rows), version, inputs.num_rows
        )

    def _version(self, answer: Any) -> str:
        """The version that gave an answer, which must be one, and the one asked for."""
        output = self.declared.version_output
        if output is None:
            return str(self.version) if self.version is not None else self._asked_version()
        found = answer.get(output) if isinstance(answer, dict) else None
        versions = set(found) if isinstance(found, list) else set()
        if len(versions) != 1 or (self.version is not None and versions != {self.version}):
            wanted = "one version" if self.version is None else f"version {self.version}"
            raise ServingError(f"an answer of versions {sorted(map(str, versions))}, not of {wanted}", 200)
        return str(versions.pop())

    def _asked_version(self) -> str:
        if time.monotonic() - self._served_at > VERSION_SECONDS:
            served = self.client.answering_version()
            if served is None:
                raise ServingError("no version is in service", 404)
            self._served, self._served_at = str(served), time.monotonic()
        return self._served

    def _reason(self, status: int) -> str:
        what = self.declared.outputs[0].target
        return f"model answered no {what}" if status == 200 else f"model refused it ({status})"


def tf_serving_scorer(declared: TfServing, values: Mapping[str, Any], version: int | None) -> RemoteScorer:
    """The scorer for a declaration; waiting is its business, so the client asks once.

    Args:
        values: ``model`` and ``url``, as the settings have them.
        version: see :class:`TfServingEndpoint`.
    """
    client = ServingClient(values["url"], values["model"], declared.timeout, attempts=1, label=declared.label)
    return RemoteScorer(
        TfServingEndpoint(client, declared, version),
        one_row(declared.probe),
        types_of(declared.outputs),
        declared.batch,
        declared.in_flight,
    )
