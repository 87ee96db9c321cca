"""Messages of the workload sentiment."""

from __future__ import annotations

import orjson
import pyarrow as pa
import pytest

from include.workloads.sentiment.decoder import decode
from include.workloads.sentiment.samples import cut_off, key, message, text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"null", "not an object"),
        (b"[]", "not an object"),
        (b"{}", "data is missing"),
        (b'{"data": null}', "data is not a string"),
        (b'{"data": {"a": 1}}', "data is not a string"),
        (b'{"data": "a\xff"}', "not JSON"),
        (b'{"data": "\\ud800"}', "not JSON"),
        (b'{"data": "a\\u0000"}', "data holds a NUL character"),
        (cut_off(1), "not JSON"),
    ],
)
def test_what_is_no_message_is_refused_with_a_reason(raw: bytes, reason: str) -> None:
    found = decode(pa.array([raw, b'{"data": ""}'], pa.binary()))
    assert (found.refused, found.rows.to_pylist()) == ({0: reason}, [1])


def test_made_up_messages_are_read_back_and_have_keys_of_their_own() -> None:
    found = decode(pa.array([message(number) for number in range(200)], pa.binary()))
    assert found.inputs.column("text").to_pylist() == [text(number) for number in range(200)]
    assert len({key(number) for number in range(200)}) == 200
    assert orjson.loads(message(3)) == {"data": text(3)}
