"""What the service takes and refuses, and with which reason."""

from __future__ import annotations

import orjson
import pytest

from include.workloads.sentiment.service.requests import BadRequest, Bounds, many_texts, one_text

BOUNDS = Bounds(max_text=10, max_batch=2)


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "the body is not JSON"),
        (b"{", 400, "the body is not JSON"),
        (b'"\xff"', 400, "the body is not JSON"),
        (b'{"data": "\\ud800"}', 400, "the body is not JSON"),
        (b"[]", 400, 'data is missing: send {"data": "some text"}'),
        (b"{}", 400, "data is missing"),
        (b'{"data": null}', 400, "data is not a string"),
        (b'{"data": ["fine"]}', 400, "data is not a string"),
        (b'{"data": "eleven char"}', 413, "data has 11 characters, more than 10"),
    ],
)
def test_a_text_that_is_none_is_refused(body: bytes, status: int, reason: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        one_text(body, BOUNDS)
    assert (refusal.value.status, reason in str(refusal.value)) == (status, True)


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        ("fine", 400, "data is not a list of strings"),
        ([], 400, "data is not a list of strings"),
        (["fine", 1], 400, "data[1] is not a string"),
        (["eleven char"], 413, "data[0] has 11 characters"),
        (["a", "b", "c"], 413, "data has 3 texts, more than 2"),
    ],
)
def test_a_batch_that_is_none_is_refused(data: object, status: int, reason: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        many_texts(orjson.dumps({"data": data}), BOUNDS)
    assert (refusal.value.status, reason in str(refusal.value)) == (status, True)


@pytest.mark.parametrize("text", ["", "fine", "日本 😀", "a\0b"])
def test_every_text_is_taken_as_it_is(text: str) -> None:
    assert one_text(orjson.dumps({"data": text, "more": 1}), BOUNDS) == text
    assert many_texts(orjson.dumps({"data": [text]}), BOUNDS) == [text]
