"""JSON as TensorFlow Serving reads and writes it: NaN and Infinity as tokens, strings of any bytes."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import orjson

from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.payload.json_reader import read_document

_MOST_NAMES = 16
"""Of a request whose names are looked for one by one."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(body: bytes) -> Any:
    """The value of a request's body, as ``read_document`` reads it.

    Raises:
        RequestError: INVALID_ARGUMENT, with rapidjson's text.
    """
    if not body:
        raise RequestError("JSON Parse error: The document is empty")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return read_document(body)
    return read_document(body) if _may_repeat_a_name(body, value) else value


def _may_repeat_a_name(body: bytes, value: Any) -> bool:
    """Whether a name might be there twice: orjson takes the last member of a name, rapidjson the first.

    Looks at the names that say what is asked for, those of the request and of its ``inputs``, and finds one
    that is written twice alike.
    """
    if not isinstance(value, dict):
        return False
    inputs = value.get("inputs")
    names = [*value, *(inputs if isinstance(inputs, dict) else ())]
    return len(names) > _MOST_NAMES or any(body.count(b'"%s"' % name.encode()) != 1 for name in names)


def error_body(message: str) -> bytes:
    """The body of an error; what is no Unicode in the message becomes U+FFFD."""
    return orjson.dumps({"error": _SURROGATE.sub("\ufffd", message)})


def dump_json(value: Any, *, pretty: bool = False) -> bytes:
    """The bytes of an answer, which may hold numpy arrays; NaN and Infinity become tokens.

    Surrogates of the error handler ``surrogateescape`` become the bytes that they stand for.
    """
    if _all_finite(value):
        options = orjson.OPT_SERIALIZE_NUMPY | (orjson.OPT_INDENT_2 if pretty else 0)
        try:
            return orjson.dumps(value, option=options, default=_plain)
        except orjson.JSONEncodeError:  # a string that is no UTF-8
            pass
    return json.dumps(value, default=_plain, ensure_ascii=False).encode("utf-8", "surrogateescape")


def _all_finite(value: Any) -> bool:
    """Whether every number is finite; orjson would write others as null."""
    if isinstance(value, (np.ndarray, np.floating)):
        return value.dtype.kind != "f" or bool(np.isfinite(value).all())
    if isinstance(value, dict):
        return all(map(_all_finite, value.values()))
    if isinstance(value, list):
        return all(map(_all_finite, value)) if value and not isinstance(value[0], str) else True
    return not isinstance(value, float) or value - value == 0


def _plain(value: Any) -> Any:
    """Plain values of arrays and numpy numbers that the encoder doesn't know."""
    return value.tolist()
