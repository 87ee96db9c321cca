"""A JSON reader that does as rapidjson 1.1.0 does in TensorFlow Serving.

There ``ParseJson`` of ``util/json_tensor.cc`` sets kParseIterativeFlag, kParseNanAndInfFlag and
kParseStopWhenDoneFlag: values may be nested to any depth, NaN and Inf are numbers, and what follows the first
value is not read. Texts and their order are those of rapidjson's ``reader.h`` and ``error/en.h``.
"""

from __future__ import annotations

import math
import re
from typing import Any, NoReturn

from include.serving.local_server.payload.errors import RequestError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_NESTED = 1_000_000
"""Containers inside each other; so many take 60 MB. TensorFlow Serving knows no limit."""

_SPACE = re.compile(r"[ \n\r\t]*")
_PLAIN_STRING = re.compile(r'"([^"\\\x00-\x1f]*)"')
_PLAIN_RUN = re.compile(r'[^"\\\x00-\x1f]*')
_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))')
_LOW_HALF = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]*)?|NaN|Inf(?:inity|(?!i)))", re.A)
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
_INTEGERS = range(-(2**63), 2**64)
"""Others become doubles."""


def read_document(body: bytes) -> Any:
    """The first JSON value of a body; a byte order mark before it is skipped.

    Of members of one name the first counts. Bytes that are no UTF-8 become surrogates, as by the error
    handler ``surrogateescape``. Takes time in proportion to the body.

    Raises:
        RequestError: INVALID_ARGUMENT, with rapidjson's text and the offset in bytes.
    """
    return _Reader(body).document()


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._mark = len(BYTE_ORDER_MARK) if body.startswith(BYTE_ORDER_MARK) else 0
        self._text = body[self._mark :].decode("utf-8", "surrogateescape")
        self._at = 0

    def document(self) -> Any:
        if not self._next():
            self._fail("The document is empty.")
        root: list[Any] = []
        open_containers: list[Any] = [root]
        name = ""
        while True:
            value = self._value()
            container = open_containers[-1]
            if isinstance(container, dict):
                container.setdefault(name, value)
            else:
                container.append(value)
            if isinstance(value, (dict, list)):
                if len(open_containers) > MOST_NESTED:
                    self._fail(f"Nested deeper than {MOST_NESTED}")
                open_containers.append(value)
                if self._closes(value):
                    open_containers.pop()
                else:
                    name = self._name(value)
                    continue
            while len(open_containers) > 1 and not self._continues(open_containers[-1]):
                open_containers.pop()
            if len(open_containers) == 1:
                return root[0]
            name = self._name(open_containers[-1])

    def _next(self) -> str:
        """The next character that is no space; empty at the end."""
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _closes(self, container: Any) -> bool:
        """Whether the container ends here; its end is read."""
        if self._next() != ("}" if isinstance(container, dict) else "]"):
            return False
        self._at += 1
        return True

    def _continues(self, container: Any) -> bool:
        """Whether another element follows; the comma, or the container's end, is read."""
        if self._closes(container):
            return False
        if self._next() != ",":
            of_object = isinstance(container, dict)
            self._fail(
                "Missing a comma or } after an object member."
                if of_object
                else "Missing a comma or ] after an array element."
            )
        self._at += 1
        return True

    def _name(self, container: Any) -> str:
        """A member's name with its colon; nothing in an array."""
        if not isinstance(container, dict):
            return ""
        if self._next() != '"':
            self._fail("Missing a name for object member.")
        name = self._string()
        if self._next() != ":":
            self._fail("Missing a colon after a name of object member.")
        self._at += 1
        return name

    def _value(self) -> Any:
        """A scalar, or a container that was opened."""
        first = self._next()
        if first == '"':
            return self._string()
        if first in ("[", "{"):
            self._at += 1
            return [] if first == "[" else {}
        if first in _LITERALS:
            text, value = _LITERALS[first]
            if not self._text.startswith(text, self._at):
                self._fail("Invalid value.")
            self._at += len(text)
            return value
        return self._number()

    def _number(self) -> int | float:
        match = _NUMBER.match(self._text, self._at)
        if match is None:
            self._fail("Invalid value.")
        text, fraction, exponent = match[0], match[1], match[2]
        if fraction == ".":
            self._fail("Missing fraction part in number.")
        if exponent and not exponent[-1].isdigit():
            self._fail("Missing exponent in number.")
        self._at = match.end()
        if _INTEGER.fullmatch(text) and (integer := int(text)) in _INTEGERS:
            return integer
        number = float(text)
        if math.isinf(number) and text[-1].isdigit():
            self._at = match.start()
            self._fail("Number too big to be stored in double.")
        return number

    def _string(self) -> str:
        if match := _PLAIN_STRING.match(self._text, self._at):
            self._at = match.end()
            return match[1]
        begin, parts = self._at, list[str]()
        self._at += 1
        while True:
            run = _PLAIN_RUN.match(self._text, self._at)
            assert run is not None  # it matches the empty text as well
            parts.append(run[0])
            self._at = run.end()
            end = self._text[self._at : self._at + 1]
            if end == '"':
                self._at += 1
                return "".join(parts)
            if end in ("", "\0"):
                self._at = begin
                self._fail("Missing a closing quotation mark in string.")
            parts.append(self._escape())

    def _escape(self) -> str:
        match = _ESCAPE.match(self._text, self._at)
        if match is None:
            is_hex = self._text.startswith("\\u", self._at)
            self._fail(
                "Incorrect hex digit after \\u escape in string."
                if is_hex
                else "Invalid escape character in string."
            )
        self._at = match.end()
        if match[1]:
            return _ESCAPED[match[1]]
        code = int(match[2], 16)
        if not 0xD800 <= code <= 0xDFFF:
            return chr(code)
        low = _LOW_HALF.match(self._text, self._at) if code <= 0xDBFF else None
        if low is None:
            self._at = match.start()
            self._fail("The surrogate pair in string is invalid.")
        self._at = low.end()
        return chr(0x10000 + ((code - 0xD800) << 10) + int(low[1], 16) - 0xDC00)

    def _fail(self, text: str) -> NoReturn:
        offset = self._mark + len(self._text[: self._at].encode("utf-8", "surrogateescape"))
        raise RequestError(f"JSON Parse error: {text} at offset: {offset}")
