"""A service that takes and gives JSON, as an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pyarrow as pa

from include.streaming.scorer_choices import HttpJson
from include.streaming.scorers.base import NotNow, Refused, Scores
from include.streaming.scorers.columns import one_row, output_columns, types_of
from include.streaming.scorers.remote import RemoteScorer

CONNECT_SECONDS = 5.0


@dataclass
class HttpJsonEndpoint:
    """One POST per question."""

    http: httpx.Client
    url: str
    declared: HttpJson

    def ask(self, inputs: pa.RecordBatch) -> Scores:
        answer = self._post(self.declared.request(inputs))
        try:
            outputs = self.declared.response(answer)
            version = self.declared.version
            name = version if isinstance(version, str) else version(answer)
        except (KeyError, IndexError, TypeError, ValueError) as problem:
            details = f"{type(problem).__name__}: {problem}"
            raise Refused(f"model answered no {self.declared.outputs[0].target}", details) from problem
        columns = output_columns(outputs, self.declared.outputs, inputs.num_rows)
        return Scores.of(columns, name, inputs.num_rows)

    def _post(self, content: Any) -> Any:
        body = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
        headers = {"Content-Type": "application/json"}
        try:
            response = self.http.post(self.url, content=body, headers=headers)
        except httpx.TransportError as problem:
            timed_out = isinstance(problem, httpx.TimeoutException)
            raise NotNow(
                f"no answer from {self.url} ({type(problem).__name__}: {problem})", timed_out=timed_out
            ) from problem
        if response.status_code in self.declared.refusals:
            raise Refused(f"model refused it ({response.status_code})", response.text[:200])
        if response.status_code != 200:
            raise NotNow(f"{self.url} answered {response.status_code}: {response.text[:200]}")
        try:
            return orjson.loads(response.content)
        except orjson.JSONDecodeError as problem:
            raise Refused(f"model answered no {self.declared.outputs[0].target}", str(problem)) from problem


def http_json_scorer(declared: HttpJson, values: Mapping[str, Any]) -> RemoteScorer:
    """The scorer for a declaration. ``values``: ``url``, as the settings have it."""
    url = values["url"]
    http = httpx.Client(
        timeout=httpx.Timeout(declared.timeout, connect=min(declared.timeout, CONNECT_SECONDS)),
        limits=httpx.Limits(max_keepalive_connections=8, keepalive_expiry=60),
        verify=url.startswith("https:"),  # reading the certificates takes longest
        trust_env=False,  # the environment's proxy is not for services of ours
    )
    return RemoteScorer(
        HttpJsonEndpoint(http, url, declared),
        one_row(declared.probe),
        types_of(declared.outputs),
        declared.batch,
        declared.in_flight,
    )
