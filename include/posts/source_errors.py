"""Errors that a source reports in its stream of messages: no posts, even if they parse as such."""

from __future__ import annotations

from typing import Any

FAILED = frozenset(("error", "failed", "failure", "fatal"))
"""Values of a top-level ``status`` that report an error."""

LONGEST = 200


def error_of(payload: dict[str, Any]) -> str | None:
    """The error that a message reports, in the source's words; None for a post.

    Knows X API v2's ``errors`` (beside ``data`` they are only about posts that are referred to), v1.1's
    ``disconnect``, a ``status`` that reports an error, and ``error`` in a message without a text. As the
    words come from outside, they are cut to one line of printable characters, at most LONGEST.

    >>> error_of({"errors": [{"title": "operational-disconnect", "detail": "Upstream"}]})
    'operational-disconnect: Upstream'
    >>> error_of({"status": "ERROR", "message": "feed lost", "text": "a post"})
    'ERROR: feed lost'
    >>> error_of({"data": {"id": "1"}, "errors": [{"title": "Not Found Error"}]}), error_of({"text": "a"})
    (None, None)
    """
    for known in (_v2, _disconnect, _status, _message):
        if told := known(payload):
            return _line(told)
    return None


def _line(text: str) -> str:
    """
    >>> _line("a\\n b\\x1b[31m\\x00")
    'a b?[31m?'
    """
    words = " ".join(text.split())[:LONGEST]
    return words if words.isprintable() else "".join(c if c.isprintable() else "?" for c in words)


def _message(payload: dict[str, Any]) -> str | None:
    return None if "text" in payload or "full_text" in payload else _error(payload)


def _v2(payload: dict[str, Any]) -> str | None:
    errors = payload.get("errors")
    if not isinstance(errors, list) or "data" in payload:
        return None
    first = next((error for error in errors if isinstance(error, dict)), {})
    return _joined(first.get("title"), first.get("detail") or first.get("message")) or "errors"


def _disconnect(payload: dict[str, Any]) -> str | None:
    told = payload.get("disconnect")
    return _joined("disconnect", told.get("reason")) if isinstance(told, dict) else None


def _status(payload: dict[str, Any]) -> str | None:
    status = payload.get("status")
    if not isinstance(status, str) or status.lower() not in FAILED:
        return None
    return _joined(status, payload.get("message") or payload.get("reason") or _error(payload))


def _error(payload: dict[str, Any]) -> str | None:
    error = payload.get("error")
    if isinstance(error, dict):
        return _joined(error.get("code"), error.get("message")) or "error"
    return error if isinstance(error, str) and error else None


def _joined(*parts: object) -> str:
    return ": ".join(str(part) for part in parts if part not in (None, ""))
