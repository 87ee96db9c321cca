"""A service that takes and gives JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import orjson
import pyarrow as pa
import pytest

from include.streaming.scorer_choices import HttpJson, Output
from include.streaming.scorers.base import NotNow, Refused
from include.streaming.scorers.http_json import HttpJsonEndpoint
from tests.support.streaming.scorers import texts

URL = "http://service.example/predict"


def response(answer: Any) -> dict[str, Any]:
    return {"compound": [one["compound"] for one in answer["data"]]}


DECLARED = HttpJson(
    url=lambda settings: URL,
    request=lambda inputs: {"data": inputs.column("text").to_pylist()},
    response=response,
    outputs=(Output("compound", low=-1.0, high=1.0),),
    probe={"text": "fine"},
    version=lambda answer: answer["version"],
)


def endpoint(answer: httpx.Response | Exception, seen: list[httpx.Request] | None = None) -> HttpJsonEndpoint:
    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return HttpJsonEndpoint(httpx.Client(transport=httpx.MockTransport(handle)), URL, DECLARED)


def test_a_batch_is_one_request() -> None:
    seen: list[httpx.Request] = []
    content = {"data": [{"compound": 0.5}, {"compound": -1}], "version": "A"}
    scores = endpoint(httpx.Response(200, json=content), seen).ask(texts("good", "bad"))
    assert [orjson.loads(request.content) for request in seen] == [{"data": ["good", "bad"]}]
    assert scores.outputs["compound"].to_pylist() == [0.5, -1.0]
    assert scores.versions.to_pylist() == ["A", "A"]


@pytest.mark.parametrize(
    "content",
    [{}, {"data": [{"compound": 0.5}]}, {"data": [{"compound": 2}], "version": "A"}, [], "text", None],
    ids=repr,
)
def test_an_answer_of_another_shape_is_refused(content: Any) -> None:
    with pytest.raises(Refused) as refusal:
        endpoint(httpx.Response(200, json=content)).ask(texts("a"))
    assert refusal.value.reason == "model answered no compound"


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(Refused, match="unexpected"):
        endpoint(httpx.Response(200, text="<html>")).ask(texts("a"))


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refusal_names_its_status(status: int) -> None:
    with pytest.raises(Refused) as refusal:
        endpoint(httpx.Response(status, text="bad text")).ask(texts("a"))
    assert refusal.value.reason == f"model refused it ({status})"


@pytest.mark.parametrize(
    ("answer", "timed_out"),
    [
        (httpx.Response(503), False),
        (httpx.Response(404), False),
        (httpx.ConnectError("refused"), False),
        (httpx.ReadTimeout("slow"), True),
    ],
    ids=repr,
)
def test_trouble_with_the_service_blames_no_row(answer: Any, timed_out: bool) -> None:
    with pytest.raises(NotNow) as trouble:
        endpoint(answer).ask(texts("a"))
    assert trouble.value.timed_out is timed_out


def test_numbers_are_sent_as_lists() -> None:
    seen: list[httpx.Request] = []
    made = endpoint(httpx.Response(200, json={"data": [{"compound": 0}], "version": "A"}), seen)
    made.declared = replace(DECLARED, request=lambda inputs: {"x": inputs.column("x").to_numpy()})
    made.ask(pa.record_batch({"x": [1.5]}))
    assert orjson.loads(seen[0].content) == {"x": [1.5]}
