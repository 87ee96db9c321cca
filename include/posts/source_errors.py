"""Errors that a source reports in its stream of messages: no posts, even if some parse as such.

X's are problem objects after RFC 7807 (``type``, ``title``, ``detail``;
https://docs.x.com/x-api/fundamentals/response-codes-and-errors), v1.1's are ``disconnect``, ``limit`` and
``warning`` (Streaming message types), the enterprise API's ``error`` and ``warn``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from include.posts.values.problem import POST, joined, of_stream, problem_in, told_by

Payload = dict[str, Any]

FAILED = frozenset(("error", "failed", "failure", "fatal"))
"""Values of a top-level ``status`` that report an error."""

LONGEST = 200

_DEEPEST, _MOST = 5, 1_000
"""How far into a message that is no post a problem is looked for, in levels and in values."""

_V1_NOTICES = ("disconnect", "limit", "warning", "warn")


def error_of(message: object) -> str | None:
    """The error that a message reports, in the source's words; None for one that reports none.

    For messages that are no post: it knows whatever :func:`stated_error_of` knows, v1.1's notices, and any
    object that names itself a problem or a disconnect, wherever it stands. As the words come from outside,
    they are cut to one line of printable characters, at most LONGEST.

    >>> error_of({"title": "ConnectionException", "connection_issue": "TooManyConnections", "detail": "Two"})
    'ConnectionException: Two'
    >>> error_of([{"limit": {"track": 7}}]), error_of({"friends": [1]}), error_of({"text": "a"})
    ('limit: track 7', None, None)
    """
    for part in _parts(message):
        if told := stated_error_of(part) or problem_in(part) or _notice(part):
            return _line(told)
    return None


def stated_error_of(payload: Payload) -> str | None:
    """The error that a message states in one of its own fields, even where it also holds a post.

    Knows X API v2's ``errors`` (beside ``data`` they are about posts that are referred to, but for those of
    the stream itself), v1.1's ``disconnect``, a ``status`` that reports an error, and ``error``: in a message
    without a text, or where it is a problem object.

    >>> stated_error_of({"errors": [{"title": "operational-disconnect", "detail": "Upstream"}]})
    'operational-disconnect: Upstream'
    >>> stated_error_of({"status": "ERROR", "message": "feed lost", "text": "a post"})
    'ERROR: feed lost'
    >>> stated_error_of({"data": {"id": "1"}, "errors": [{"title": "Not Found Error"}]})
    """
    told = _errors(payload) or _disconnect(payload) or _status(payload) or _message(payload)
    return _line(told) if told else None


def _parts(message: object) -> Iterator[Payload]:
    """The message and the objects within, the outer first; not what X could not find of it."""
    level, seen = [message], 0
    for _ in range(_DEEPEST):
        inner: list[object] = []
        for value in level:
            seen += 1
            if seen > _MOST:
                return
            if isinstance(value, dict):
                yield value
                inner += [v for key, v in value.items() if not (key == "errors" and value.get("data"))]
            elif isinstance(value, list):
                inner += value
        level = [value for value in inner if isinstance(value, (dict, list))]


def _line(text: str) -> str:
    """
    >>> _line("a\\n b\\x1b[31m\\x00")
    'a b?[31m?'
    """
    words = " ".join(text.split())[:LONGEST]
    return words if words.isprintable() else "".join(c if c.isprintable() else "?" for c in words)


def _errors(payload: Payload) -> str | None:
    errors = payload.get("errors")
    listed = errors if isinstance(errors, list) else [errors]
    if payload.get("data"):
        return next((told for error in listed if (told := of_stream(error))), None)
    return next((told for error in listed if (told := told_by(error))), None) or (
        "errors" if errors else None
    )


def _disconnect(payload: Payload) -> str | None:
    told = payload.get("disconnect")
    return joined("disconnect", told.get("reason")) if isinstance(told, dict) else None


def _status(payload: Payload) -> str | None:
    status = payload.get("status")
    if not isinstance(status, str) or status.lower() not in FAILED:
        return None
    return joined(status, payload.get("message") or payload.get("reason") or told_by(payload.get("error")))


def _message(payload: Payload) -> str | None:
    error = payload.get("error")
    if "text" in payload or "full_text" in payload:
        listed = error if isinstance(error, list) else [error]
        return next((told for one in listed if isinstance(one, dict) and (told := problem_in(one))), None)
    if isinstance(error, list):
        return next((told for one in error if (told := told_by(one))), None)
    if error is True:
        return joined("error", payload.get("message") or payload.get("reason") or payload.get("detail"))
    return told_by(error) or ("error" if isinstance(error, dict) else None)


def _notice(payload: Payload) -> str | None:
    """v1.1's notices about the connection, in a message that holds nothing else of a post."""
    if not POST.isdisjoint(payload):
        return None
    for name in _V1_NOTICES:
        if isinstance(told := payload.get(name), dict):
            track = told.get("track")
            return joined(name, told_by(told) or (f"track {track}" if track is not None else None))
    return None
