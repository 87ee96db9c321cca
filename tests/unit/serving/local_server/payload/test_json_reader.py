"""The reader of what orjson refuses: it does as rapidjson does in TF Serving."""

from __future__ import annotations

import contextlib
import json
import math
import time

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.serving.local_server.payload import json_reader
from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.payload.json_reader import read_document

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=40)
@given(JSON, st.booleans(), st.sampled_from([None, 1]))
def test_what_json_writes_is_read(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert read_document(text.encode("utf-8")) == value


@given(st.binary(max_size=40) | st.text('[]",:0-9eE+.NaInfity\\ud83cfnrtls \n', max_size=40).map(str.encode))
def test_what_orjson_reads_is_read_alike_and_nothing_else_breaks_it(body: bytes) -> None:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        with contextlib.suppress(RequestError):
            read_document(body)
    else:
        assert repr(read_document(body)) == repr(value)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1} what follows', {"a": 1}),
        (b'{"a": 1, "b": 2, "a": 3}', {"a": 1, "b": 2}),
        (b'{"a": {"x": 1}, "a": {"y": 2}}', {"a": {"x": 1}}),
        (b"[Infinity, -Infinity, Inf, -Inf]", [math.inf, -math.inf, math.inf, -math.inf]),
        (b"[-0, 0, 1e2, -1.5E-3]", [0, 0, 100.0, -0.0015]),
        (b"[18446744073709551615, 18446744073709551616]", [2**64 - 1, 2.0**64]),
        (b"[-9223372036854775808, -9223372036854775809]", [-(2**63), -(2.0**63)]),
        (b'"caf\xc3\xa9 \\u00e9 \\ud83d\\ude80 \\/ \\n"', "caf\u00e9 \u00e9 \U0001f680 / \n"),
        (b'"\xff\xfe"', "\udcff\udcfe"),
        (b'["", [], {}]', ["", [], {}]),
    ],
)
def test_values(body: bytes, value: object) -> None:
    assert read_document(body) == value


def test_not_a_number() -> None:
    assert all(math.isnan(number) for number in read_document(b"[NaN, -NaN]"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "The document is empty. at offset: 0"),
        (b" \n", "The document is empty. at offset: 2"),
        (b"\xef\xbb\xbf", "The document is empty. at offset: 3"),
        (b"x", "Invalid value. at offset: 0"),
        (b"nul", "Invalid value. at offset: 0"),
        (b"Infini", "Invalid value. at offset: 0"),
        (b"-", "Invalid value. at offset: 0"),
        (b"[1,]", "Invalid value. at offset: 3"),
        (b"[", "Invalid value. at offset: 1"),
        (b"{", "Missing a name for object member. at offset: 1"),
        (b'{"a": 1,}', "Missing a name for object member. at offset: 8"),
        (b"{1: 2}", "Missing a name for object member. at offset: 1"),
        (b'{"a" 1}', "Missing a colon after a name of object member. at offset: 5"),
        (b'{"a": 1 "b": 2}', "Missing a comma or } after an object member. at offset: 8"),
        (b"[01]", "Missing a comma or ] after an array element. at offset: 2"),
        (b'{"a": [1}', "Missing a comma or ] after an array element. at offset: 8"),
        (b"1.", "Missing fraction part in number."),
        (b"1e+", "Missing exponent in number."),
        (b"[1e400]", "Number too big to be stored in double. at offset: 1"),
        (b'"\\x"', "Invalid escape character in string. at offset: 1"),
        (b'"a\tb"', "Invalid escape character in string. at offset: 2"),
        (b'"\\u12g4"', "Incorrect hex digit after \\u escape in string."),
        (b'"a', "Missing a closing quotation mark in string. at offset: 0"),
        (b'"\\ud83d"', "The surrogate pair in string is invalid. at offset: 1"),
        (b'"\\ud83d\\u0041"', "The surrogate pair in string is invalid."),
        (b'"\\ude80"', "The surrogate pair in string is invalid."),
        (b'["\xc3\xa9\xff", x]', "Invalid value. at offset: 8"),
    ],
)
def test_errors_name_the_byte(body: bytes, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_document(body)
    assert says in caught.value.message


@pytest.mark.parametrize(
    "text", ["[", '{"a":', '[{"a":', '["\\ud83d\\ude80",', '["\\n"', "[1e5,", "[" + "9" * 999]
)
def test_time_is_in_proportion_to_the_body(text: str) -> None:
    def seconds(size: int) -> float:
        body = (text * (size // len(text) + 1))[:size].encode()
        began = time.process_time()
        with contextlib.suppress(RequestError):
            read_document(body)
        return time.process_time() - began

    seconds(1000)
    assert min(seconds(16_000) for _ in range(2)) < 40 * (min(seconds(2_000) for _ in range(3)) + 0.0005)


def test_it_can_be_nested_deeper_than_python_calls() -> None:
    depth = 20_000
    value = read_document(b"[" * depth + b"]" * depth)
    for _ in range(depth - 1):
        (value,) = value
    assert value == []


def test_how_deep_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_reader, "MOST_NESTED", 10)
    assert read_document(b"[" * 10 + b"]" * 10)
    with pytest.raises(RequestError, match="Nested deeper than 10 at offset: 11"):
        read_document(b"[" * 11 + b"]" * 11)
