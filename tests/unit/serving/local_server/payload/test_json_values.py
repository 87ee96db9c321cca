"""Base64 and quoting of single values."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.payload.json_values import MOST_QUOTED, decode_base64, is_named, quoted


@given(st.binary(max_size=30))
def test_base64_with_and_without_padding(raw: bytes) -> None:
    text = base64.b64encode(raw).decode()
    for written in (text, text.rstrip("="), text.replace("=", "."), f" {text[:3]}\n{text[3:]}\t"):
        assert decode_base64({"b64": written}) == raw


@pytest.mark.parametrize(
    "text",
    ["!!", "A", "AAAAA", "QQ=", "QUI==", "QUJD=", "QQ==QQ==", "=", "_-8=", "QQ\u00a0==", "\u0661\u0662"],
)
def test_what_is_no_base64(text: str) -> None:
    with pytest.raises(RequestError, match="Unable to base64 decode"):
        decode_base64({"b64": text})


@pytest.mark.parametrize("value", [{}, {"b64": 5}, {"b64": "QQ==", "x": 1}, {"x": "QQ=="}, "QQ=="])
def test_what_is_no_object_of_base64(value: Any) -> None:
    with pytest.raises(RequestError, match="not formatted correctly for base64 data"):
        decode_base64(value)
    assert is_named(value) == isinstance(value, dict)


def test_a_value_is_quoted_in_bounded_space() -> None:
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    for value in (
        deep,
        "x" * 10_000,
        {"k" * 10_000: 1},
        list(range(10_000)),
        [{"a": ["b" * 999] * 999}] * 999,
    ):
        assert len(quoted(value)) <= MOST_QUOTED + len("...")
    assert quoted(deep) == "[" * MOST_QUOTED + "..."
    assert (
        quoted({"a": [1, 2.5, None, True], "b": {}, "c": []})
        == '{"a": [1, 2.5, null, true], "b": {}, "c": []}'
    )
