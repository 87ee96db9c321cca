"""JSON as TF Serving reads and writes it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.payload.messages import dump_json, error_body, parse_json


def test_tokens_of_no_number() -> None:
    assert parse_json(b"[Infinity, -Infinity]") == [math.inf, -math.inf]
    assert math.isnan(parse_json(b"[NaN]")[0])
    written = dump_json({"predictions": [{"p": np.float32("nan")}, {"p": np.float32(0.5)}]})
    assert written == b'{"predictions": [{"p": NaN}, {"p": 0.5}]}'
    assert b"-Infinity" in dump_json({"outputs": np.array([-math.inf, 1.0], np.float32)})


def test_a_float32_has_no_more_digits_than_it_needs() -> None:
    assert dump_json({"outputs": np.array([0.1, 1 / 3], np.float32)}) == b'{"outputs":[0.1,0.33333334]}'


def test_arrays_of_any_layout() -> None:
    array = np.arange(6, dtype=np.int64).reshape(2, 3).T
    assert json.loads(dump_json({"outputs": array})) == {"outputs": [[0, 3], [1, 4], [2, 5]]}


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs": 1, "inputs": 2}',
        b'{"in\\u0070uts": 1, "in\\u0070uts": 2}',
        b'{"inputs": 1, ' + b"".join(b'"%d": 0, ' % n for n in range(50)) + b'"inputs": 2}',
    ],
    ids=["plain", "escaped", "among many"],
)
def test_of_a_name_the_first_member_counts(body: bytes) -> None:
    assert parse_json(body)["inputs"] == 1


def test_of_an_input_the_first_member_counts() -> None:
    assert parse_json(b'{"inputs": {"x": 1, "x": 2}}') == {"inputs": {"x": 1}}
    assert parse_json(b'{"inputs": ["inputs", "x"]}') == {"inputs": ["inputs", "x"]}


@pytest.mark.parametrize("body", [b"", b"  \n", b"x", b'"\\ud800"', b"[1e400]", b"[" * 10_000])
def test_errors(body: bytes) -> None:
    with pytest.raises(RequestError, match="JSON Parse error: ") as caught:
        parse_json(body)
    assert caught.value.http_status == 400


def test_bytes_that_are_no_utf8_are_written_as_they_are() -> None:
    assert dump_json({"outputs": ["\udcff\udcfe", "\u00e9"]}) == b'{"outputs": ["\xff\xfe", "\xc3\xa9"]}'


@pytest.mark.parametrize("message", ["half \ud83d of a pair", "\ude00", "raw \udcff", "\x00 \u2028"])
def test_an_error_is_json_whatever_it_quotes(message: str) -> None:
    written = json.loads(error_body(message).decode("utf-8"))
    assert len(written["error"]) == len(message)
