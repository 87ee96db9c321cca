from __future__ import annotations

import pyarrow as pa

from include.streaming.decoding import Unreadable, read_each


def read(value: bytes) -> int:
    if value == b"bad":
        raise Unreadable("no number")
    return 1 // int(value)


def test_whatever_one_message_holds_the_others_are_read() -> None:
    values = pa.array([b"1", b"bad", b"0", None, b"", b"x", b"1"], pa.binary())
    indices, rows, refused = read_each(values, read)
    assert (indices, rows) == ([0, 6], [1, 1])
    assert refused == {
        1: "no number",
        2: "decoder failed: ZeroDivisionError",
        3: "empty",
        4: "empty",
        5: "decoder failed: ValueError",
    }
