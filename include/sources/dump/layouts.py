"""What an object of a dump is that is no post: of a known layout, or of one that nobody here knows."""

from __future__ import annotations

from typing import Any

from include.infra.input_files.problems import one_line
from include.posts.fields import mapping
from include.posts.values.ids import is_mangled
from include.posts.values.json_value import NotJson, load

KNOWN = "known are X API v1.1 and v2 objects, Bluesky events, and rows with id_str (or id) and text"

NOTICES = frozenset(
    (
        "delete", "limit", "disconnect", "warning", "scrub_geo", "status_withheld", "user_withheld", "errors",
        "error", "did", "uri", "meta",
    )
)  # fmt: skip
"""Keys of what streams and pages have between their posts."""

_IDS = ("id_str", "id")
_TEXTS = frozenset(("text", "full_text", "extended_tweet", "note_tweet"))


def has_layout(value: bytes) -> bool:
    """Whether an object has the columns of a post, even if they are empty, or is a notice of a stream.

    >>> has_layout(b'{"id": "1", "text": ""}'), has_layout(b'{"delete": {}}'), has_layout(b'{"id": "1"}')
    (True, True, False)
    """
    keys = _object(value).keys()
    data = mapping(_object(value).get("data")) or _object(value)
    return bool(keys & NOTICES) or (any(key in data for key in _IDS) and not _TEXTS.isdisjoint(data))


def mangled_id(value: bytes) -> str | None:
    """The id of an object, as it was written, if it has lost digits."""
    data = mapping(_object(value).get("data")) or _object(value)
    written = next((data[key] for key in _IDS if data.get(key) is not None), None)
    return one_line(str(written)) if is_mangled(written) else None


def keys_of(value: bytes) -> str:
    """The names of an object's fields, for a message."""
    names = list(mapping(_object(value).get("data")) or _object(value))
    return f"({one_line(', '.join(names[:8]))[:120]})" if names else "an empty object"


def _object(value: bytes) -> dict[str, Any]:
    try:
        return mapping(load(value))
    except NotJson:
        return {}
