"""What was read once can be written and read again."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.posts.values.json_value import NotJson, dump, load

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=[]), max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_written_is_read(value: Any) -> None:
    assert b"\n" not in dump(value)
    assert load(dump(value)) == value


@pytest.mark.parametrize("raw", [b'{"a":"\\ud83d"}', b'\xef\xbb\xbf{"a":1}', '\ufeff{"a":1}', b'{"a":1e999}'])
def test_what_orjson_refuses_and_a_post_may_hold(raw: bytes | str) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(raw)
    assert load(dump(load(raw))) == load(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"\xff", "not UTF-8"), (b'{"a": NaN}', "not JSON"), (b"[" * 9999, "not JSON"), (b"", "not JSON")],
)
def test_what_is_no_json(raw: bytes, reason: str) -> None:
    with pytest.raises(NotJson) as refused:
        load(raw)
    assert refused.value.reason == reason


def test_a_value_without_end_is_a_value_error() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="can't be written as JSON"):
        dump(endless)
    with pytest.raises(ValueError, match="can't be written as JSON"):
        dump({"a": object()})
