"""What the service takes: bodies of bounded size, and a reason for each that it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

EXAMPLES = {"/predict": '{"data": "some text"}', "/predict/batch": '{"data": ["some text", "another"]}'}


class BadRequest(Exception):
    """A request that is refused; ``status`` is the HTTP status."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Bounds:
    """How much is taken: characters of a text, texts of a batch."""

    max_text: int
    max_batch: int


def one_text(body: bytes, bounds: Bounds) -> str:
    """The text of ``POST /predict``.

    >>> one_text(b'{"data": "fine"}', Bounds(10, 2))
    'fine'

    Raises:
        BadRequest: it is none, or too long.
    """
    return _checked(_data(body, "/predict"), bounds, "data")


def many_texts(body: bytes, bounds: Bounds) -> list[str]:
    """The texts of ``POST /predict/batch``.

    Raises:
        BadRequest: naming the first that is none, or too long; or there are too many, or none at all.
    """
    data = _data(body, "/predict/batch")
    if not isinstance(data, list) or not data:
        raise _unusable(f"data is not a list of strings: send {EXAMPLES['/predict/batch']}")
    if len(data) > bounds.max_batch:
        raise BadRequest(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"data has {len(data)} texts, more than {bounds.max_batch}: send them in several requests",
        )
    return [_checked(text, bounds, f"data[{place}]") for place, text in enumerate(data)]


def _data(body: bytes, path: str) -> Any:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise _unusable(f"the body is not JSON: {problem}") from None
    if not isinstance(content, dict) or "data" not in content:
        raise _unusable(f"data is missing: send {EXAMPLES[path]}")
    return content["data"]


def _checked(text: Any, bounds: Bounds, name: str) -> str:
    if not isinstance(text, str):
        raise _unusable(f"{name} is not a string")
    if len(text) > bounds.max_text:
        raise BadRequest(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"{name} has {len(text)} characters, more than {bounds.max_text}",
        )
    return text


def _unusable(reason: str) -> BadRequest:
    return BadRequest(HTTPStatus.BAD_REQUEST, reason)
