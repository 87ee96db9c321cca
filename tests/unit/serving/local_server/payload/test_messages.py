"""JSON as TF Serving reads and writes it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from include.serving.local_server.errors import RequestError
from include.serving.local_server.messages import dump_json, parse_json


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
    ("body", "says"),
    [
        (b"", "The document is empty"),
        (b"  \n", "The document is empty"),
        (b"x", "Invalid value. at offset: 0"),
        (b"{'a': 1}", "Missing a name for object member. at offset: 1"),
        (b'{"a" 1}', "Missing a colon after a name of object member."),
        (b"[1 2]", "Missing a comma"),
        (b"{} {}", "The document root must not be followed by other values."),
        (b'"\xff"', "Invalid encoding in string. at offset: 1"),
        (b"[" * 100_000, "JSON Parse error"),
    ],
)
def test_errors(body: bytes, says: str) -> None:
    with pytest.raises(RequestError, match="JSON Parse error") as caught:
        parse_json(body)
    assert says in caught.value.message
    assert caught.value.http_status == 400
