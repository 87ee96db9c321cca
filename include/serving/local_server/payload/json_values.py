"""Single values of a request's JSON: how errors quote them, and base64."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from include.serving.local_server.payload.errors import RequestError

Json = Any

MOST_QUOTED = 256
"""Characters of a value that an error quotes."""
_BASE64 = re.compile(r"([A-Za-z0-9+/]*)([=.]*)")
_ASCII_SPACE = re.compile(r"[ \t\n\v\f\r]+")


def quoted(value: Json) -> str:
    """The value as errors quote it, cut off after ``MOST_QUOTED`` characters; it may be nested to any depth.

    >>> quoted({"a": [1, None], "b": "x"})
    '{"a": [1, null], "b": "x"}'
    """
    parts, size = list[str](), 0
    for part in _tokens(value):
        parts.append(part)
        size += len(part)
        if size > MOST_QUOTED:
            return "".join(parts)[:MOST_QUOTED] + "..."
    return "".join(parts)


def _tokens(value: Json) -> Iterator[str]:
    pending: list[tuple[bool, Any]] = [(False, value)]
    while pending:
        is_text, item = pending.pop()
        if is_text:
            yield item
        elif isinstance(item, dict):
            parts = [
                part for key, member in islice(item.items(), MOST_QUOTED) for part in _member(key, member)
            ]
            pending += [(True, "}"), *reversed(parts[1:]), (True, "{")]
        elif isinstance(item, list):
            parts = [part for member in islice(item, MOST_QUOTED) for part in ((True, ", "), (False, member))]
            pending += [(True, "]"), *reversed(parts[1:]), (True, "[")]
        else:
            yield json.dumps(item[:MOST_QUOTED] if isinstance(item, str) else item, ensure_ascii=False)


def _member(key: str, value: Json) -> tuple[tuple[bool, Any], ...]:
    return (True, ", "), (True, json.dumps(key[:MOST_QUOTED], ensure_ascii=False) + ": "), (False, value)


def type_error(value: Json, dtype: str) -> RequestError:
    """The value is none of the tensor's type."""
    return RequestError(
        f"JSON Value: {quoted(value)} Type: {_type_name(value)} is not of expected type: {dtype}"
    )


def is_base64(value: Json) -> bool:
    """Whether it is an object that holds a binary string, ``{"b64": "..."}``."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def is_named(value: Json) -> bool:
    """Whether it is an object of names; a binary string is an object as well."""
    return isinstance(value, dict) and not is_base64(value)


def decode_base64(value: Json) -> bytes:
    """The bytes of a ``{"b64": "..."}``, by the rules of ``absl::Base64Unescape``.

    White space is skipped, and the padding may be left out, or be dots.

    Raises:
        RequestError: it is no such object, or its text is no base64.

    >>> decode_base64({"b64": "aGVsbG8"})
    b'hello'
    """
    if not is_base64(value):
        raise RequestError(f"JSON Value: {quoted(value)} not formatted correctly for base64 data")
    match = _BASE64.fullmatch(_ASCII_SPACE.sub("", value["b64"]))
    missing = -len(match[1]) % 4 if match else 3
    if match is None or missing == 3 or len(match[2]) not in (0, missing):
        raise RequestError(f"JSON Value: {quoted(value)} Unable to base64 decode")
    return base64.b64decode(match[1] + "=" * missing)


def _type_name(value: Json) -> str:
    """The type's name in rapidjson."""
    if isinstance(value, bool):
        return str(value)
    return {dict: "Object", list: "Array", str: "String", type(None): "Null"}.get(type(value), "Number")
