"""JSON as TensorFlow Serving reads and writes it: rapidjson's error texts, and NaN and Infinity as tokens."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson

from include.serving.local_server.errors import RequestError

_TEXTS = {
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Illegal trailing comma before end of object": "Missing a name for object member.",
    "Illegal trailing comma before end of array": "Invalid value.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Expecting ',' delimiter": "Missing a comma or } after an object member.",
    "Extra data": "The document root must not be followed by other values.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid \\escape": "Invalid escape character in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
}
"""Python's message -> rapidjson's."""


def parse_json(body: bytes) -> Any:
    """The value of a request's body; ``NaN``, ``Infinity`` and ``-Infinity`` are numbers.

    Raises:
        RequestError: INVALID_ARGUMENT, with rapidjson's text.
    """
    if not body.strip():
        raise RequestError("JSON Parse error: The document is empty")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parse_slowly(body)


def _parse_slowly(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RequestError(
            f"JSON Parse error: Invalid encoding in string. at offset: {error.start}"
        ) from error
    except json.JSONDecodeError as error:
        text = _TEXTS.get(error.msg, "Invalid value.")
        raise RequestError(f"JSON Parse error: {text} at offset: {error.pos}") from error
    except (RecursionError, ValueError) as error:  # nested too deeply, or a number of thousands of digits
        raise RequestError(f"JSON Parse error: {error} at offset: 0") from error


def dump_json(value: Any, *, pretty: bool = False) -> bytes:
    """The bytes of an answer, which may hold numpy arrays; NaN and Infinity become tokens."""
    if not _all_finite(value):
        return json.dumps(value, default=_plain, ensure_ascii=False).encode()
    options = orjson.OPT_SERIALIZE_NUMPY | (orjson.OPT_INDENT_2 if pretty else 0)
    return orjson.dumps(value, option=options, default=_plain)


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
