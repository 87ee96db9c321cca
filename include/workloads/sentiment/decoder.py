"""From Kafka messages to texts."""

from __future__ import annotations

import msgspec
import pyarrow as pa

from include.streaming.decoding import Decoded, Unreadable, decoded, read_each


class Message(msgspec.Struct):
    """A message's JSON; what else is in it is passed over."""

    data: str


_MESSAGES = msgspec.json.Decoder(Message)


def decode(values: pa.Array) -> Decoded:
    """The input ``text`` of messages such as ``{"data": "I love this pony"}``.

    >>> found = decode(pa.array([b'{"data": "fine"}', b'{"text": "fine"}', b'{"data": 1}', b'{']))
    >>> found.inputs.column("text").to_pylist(), found.refused
    (['fine'], {1: 'data is missing', 2: 'data is not a string', 3: 'not JSON'})
    """
    rows, texts, refused = read_each(values, read_text)
    return decoded(rows, {"text": pa.array(texts, pa.string())}, refused)


def read_text(raw: bytes) -> str:
    """The text of one message.

    Raises:
        Unreadable: there is none, or one that Postgres can't hold.
    """
    try:
        text = _MESSAGES.decode(raw).data
    except msgspec.ValidationError as problem:
        raise Unreadable(_reason(str(problem))) from problem
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise Unreadable("not JSON") from problem
    if "\x00" in text:
        raise Unreadable("data holds a NUL character")
    return text


def _reason(problem: str) -> str:
    if "missing required field" in problem:
        return "data is missing"
    return "data is not a string" if problem.endswith("`$.data`") else "not an object"
