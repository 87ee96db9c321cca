"""Problem objects, as X's API has them after RFC 7807: ``type``, ``title``, ``detail``."""

from __future__ import annotations

import re
from typing import Any

Payload = dict[str, Any]

POST = frozenset(("text", "full_text", "id", "id_str", "data"))
"""An object with one of these is no problem by its form alone."""

_OF_A_RESOURCE = ("resource-", "not-authorized-for-", "disallowed-resource")
"""Problems with one post or user that was asked for, which X reports beside the data that it found."""

_is_disconnect = re.compile(r"(?:operational |\w{1,40}[-_]?)disconnect(?:ed|ion)?", re.IGNORECASE).fullmatch
"""Of a title alone, which pages that posts link to have as well."""


def of_stream(error: object) -> str | None:
    """An error beside data that is about the stream, not about a post that the data refer to."""
    if not isinstance(error, dict) or "resource_id" in error or "resource_type" in error:
        return None
    kind = error.get("type")
    if isinstance(kind, str) and kind.rpartition("/")[2].startswith(_OF_A_RESOURCE):
        return None
    return told_by(error) if _names_itself(error) else None


def problem_in(payload: Payload) -> str | None:
    """What an object tells that names itself a problem or a disconnect, or has a problem's form.

    >>> problem_in({"type": "https://api.twitter.com/2/problems/usage-capped", "title": "UsageCapExceeded"})
    'UsageCapExceeded'
    >>> problem_in({"title": "A page", "text": "of a post"})
    """
    if _names_itself(payload) or _has_form_of_problem(payload):
        return told_by(payload) or "problem"
    return None


def _names_itself(payload: Payload) -> bool:
    if any(isinstance(payload.get(key), str) for key in ("disconnect_type", "connection_issue")):
        return True
    kind, title = payload.get("type"), payload.get("title")
    if isinstance(kind, str) and "/problems/" in kind:
        return True
    return isinstance(title, str) and bool(_is_disconnect(title)) and POST.isdisjoint(payload)


def _has_form_of_problem(payload: Payload) -> bool:
    """RFC 7807's members, in an object that has none of a post's."""
    if not POST.isdisjoint(payload) or not isinstance(payload.get("title"), str):
        return False
    return isinstance(payload.get("detail"), str) or payload.get("type") == "about:blank"


def told_by(error: object) -> str | None:
    """What an error says of itself: what kind it is, and the sentence."""
    if not isinstance(error, dict):
        return error if isinstance(error, str) and error else None
    kind = _first(error, ("title", "code", "disconnect_type", "connection_issue", "type"))
    said = _first(error, ("detail", "message", "reason", "disconnect_type", "connection_issue"))
    return joined(kind, None if said == kind else said) or None


def joined(*parts: object) -> str:
    """The words and numbers among the parts. Nothing else: a text is made of them, however deep they nest.

    >>> joined("limit", None, 7, ["x"])
    'limit: 7'
    """
    return ": ".join(str(part) for part in parts if isinstance(part, (str, int)) and part != "")


def _first(error: Payload, names: tuple[str, ...]) -> object:
    values = (error.get(name) for name in names)
    return next((value for value in values if value and isinstance(value, (str, int))), None)
