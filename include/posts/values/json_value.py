"""JSON as posts bring it, read and written alike: what was read once can be read and written again.

orjson is strict about Unicode, and posts are not: half of an emoji, cut off by somebody's program, is a lone
surrogate. Python's own parser takes those, so whoever reads or writes a payload does it by this module.
"""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

_MARK = "\ufeff"


class NotJson(ValueError):
    """Bytes that hold no JSON value; ``reason`` is ``not UTF-8`` or ``not JSON``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def load(raw: bytes | str) -> Any:
    """The JSON value, with lone surrogates in it where the bytes have them.

    >>> load(b'{"text": "\\\\ud83d"}')
    {'text': '\\ud83d'}

    Raises:
        NotJson: it is none.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return load_leniently(raw)


def load_leniently(raw: bytes | str) -> Any:
    """JSON that orjson refuses: with lone surrogates or a byte order mark. Much slower.

    Raises:
        NotJson: it is none. NaN and nesting without end are none either; 1e999 is null.
    """
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    try:
        return json.loads(text.removeprefix(_MARK), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise NotJson("not JSON") from None


def dump(value: Any) -> bytes:
    """One line of JSON that :func:`load` reads back, lone surrogates as escapes.

    >>> dump({"text": "\\ud83d", "id": "1"})
    b'{"text":"\\\\ud83d","id":"1"}'

    Raises:
        ValueError: a value that JSON has not, or that is nested too deeply.
    """
    try:
        return orjson.dumps(value)
    except TypeError:  # a lone surrogate, an integer of more than 64 bits, or nesting
        pass
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"can't be written as JSON: {error or type(error).__name__}") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float | None:
    """What orjson writes for an infinite number is null, and a number of 999 digits is no post's."""
    number = float(digits)
    return None if math.isinf(number) else number
