"""Predictions of the local model server in the forms of TensorFlow Serving's REST contract."""

from __future__ import annotations

import base64
import json
import math
import threading

import httpx
import pytest

from tests.support.models.model_server import predict

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("target", "body", "answer"),
    [
        ("half", {"instances": [1.0, 2.0, 5]}, {"predictions": [3.5, 4.0, 5.5]}),
        ("half/versions/1", {"instances": [1.0, 2.0]}, {"predictions": [2.5, 3.0]}),
        ("half/labels/stable", {"instances": [1.0]}, {"predictions": [2.5]}),
        ("half/labels/canary", {"instances": [1.0]}, {"predictions": [3.5]}),
        ("half", {"inputs": [1.0, 2.0]}, {"outputs": [3.5, 4.0]}),
        ("half", {"inputs": {"x": [1.0]}}, {"outputs": [3.5]}),
        ("half", {"instances": [{"x": 1.0}, {"x": 2}]}, {"predictions": [3.5, 4.0]}),
        ("half", {"signature_name": "serving_default", "inputs": [0.1]}, {"outputs": [3.05]}),
        (
            "sums",
            {"instances": [{"a": [1, 2], "b": 3}, {"a": [0.5, 0], "b": 1}]},
            {"predictions": [{"total": 6.0, "twice": 6}, {"total": 1.5, "twice": 2}]},
        ),
        (
            "sums",
            {"inputs": {"a": [[1, 2], [0.5, 0]], "b": [3, 1]}},
            {"outputs": {"total": [6.0, 1.5], "twice": [6, 2]}},
        ),
        ("sums", {"signature_name": "whole", "inputs": [1, 2, 3]}, {"outputs": 6}),
        (
            "texts",
            {"instances": ["héllo", "", {"b64": "YWI"}]},
            {
                "predictions": [
                    {"same": "héllo", "raw_bytes": {"b64": "aMOpbGxv"}, "length": 6, "empty": False},
                    {"same": "", "raw_bytes": {"b64": ""}, "length": 0, "empty": True},
                    {"same": "ab", "raw_bytes": {"b64": "YWI="}, "length": 2, "empty": False},
                ]
            },
        ),
    ],
)
def test_predict(http: httpx.Client, target: str, body: object, answer: object) -> None:
    assert predict(http, target, body) == (200, answer)


def test_paths_are_case_insensitive(http: httpx.Client) -> None:
    answer = http.post("/V1/Models/half/VERSIONS/1:predict", content='{"instances": [1.0]}')
    assert answer.json() == {"predictions": [2.5]}
    assert http.get("/V1/MODELS/half/metadata").status_code == 200


def test_names_are_url_decoded_and_kept_in_case(http: httpx.Client) -> None:
    assert predict(http, "h%61lf", {"inputs": [1]}) == (200, {"outputs": [3.5]})
    assert predict(http, "HALF", {"inputs": [1]})[0] == 404


def test_nan_and_infinity_are_tokens_both_ways(http: httpx.Client) -> None:
    status, answer = predict(http, "half", '{"instances": [NaN, Infinity, -Infinity, 1.0]}')
    assert status == 200
    assert math.isnan(answer["predictions"][0])
    assert answer["predictions"][1:] == [math.inf, -math.inf, 3.5]
    raw = http.post("/v1/models/clf/versions/5:predict", content='{"instances": ["a"]}').text
    assert '"ai_prob": NaN' in raw or '"ai_prob":NaN' in raw


def test_float32_comes_with_the_fewest_digits(http: httpx.Client) -> None:
    assert http.post("/v1/models/half:predict", json={"inputs": [0.2]}).text == '{"outputs":[3.1]}'
    named = http.post("/v1/models/clf/versions/4:predict", json={"instances": ["ai"]}).text
    assert named == '{"predictions":[{"ai_prob":0.9,"model_version":4}]}'


@pytest.mark.parametrize("value", ["a", [], [["a"], ["b"]]])
def test_strings_of_any_shape(http: httpx.Client, value: object) -> None:
    assert predict(http, "odd", {"inputs": value}) == (200, {"outputs": value})


def test_bytes_that_are_no_utf8_come_back_as_they_are(http: httpx.Client) -> None:
    for written in (b'{"b64": "/w=="}', b'"\xff"'):
        answer = http.post("/v1/models/odd:predict", content=b'{"inputs": [%s]}' % written)
        assert (answer.status_code, answer.content) == (200, b'{"outputs": ["\xff"]}')


def test_base64_of_a_long_binary(http: httpx.Client) -> None:
    """The model's other output has the same bytes as they are, as TensorFlow Serving writes them."""
    raw = bytes(range(256)) * 10
    body = {"inputs": [{"b64": base64.b64encode(raw).decode()}]}
    content = http.post("/v1/models/texts:predict", json=body).content
    outputs = json.loads(content.decode("latin-1"), strict=False)["outputs"]
    assert base64.b64decode(outputs["raw_bytes"][0]["b64"]) == raw


def test_many_requests_at_once(http: httpx.Client) -> None:
    wrong: list[object] = []

    def ask(number: int) -> None:
        for _ in range(20):
            answer = http.post("/v1/models/half:predict", json={"instances": [float(number)]}).json()
            if answer != {"predictions": [number / 2 + 3]}:
                wrong.append(answer)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
