"""From the bytes of a payload to a post, for every known form."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import orjson

from include.posts import bluesky, plain_rows, x_v1, x_v2
from include.posts.fields import clean
from include.posts.post import Post, PostError
from include.posts.source_errors import error_of, stated_error_of
from include.posts.values.json_value import NotJson, load_leniently

MAX_BYTES = 512 * 1024
"""No source's post comes near it: X's longest text is 25,000 characters."""

SOURCE_ERROR = "source error"
_ERRORS = frozenset(("errors", "disconnect", "status", "error"))

_V1_ONLY = frozenset(
    ("entities", "extended_tweet", "retweeted_status", "quoted_status", "truncated", "full_text", "user")
)
_V2_ONLY = frozenset(
    ("edit_history_tweet_ids", "author_id", "note_tweet", "referenced_tweets", "public_metrics", "entities")
)
_V2_OWN = frozenset(("edit_history_tweet_ids", "note_tweet", "referenced_tweets"))
"""No other form has these, so that even an id that became a number leaves it v2."""
_POST = frozenset(("id", "id_str", "text", "full_text", "extended_tweet", "retweeted_status"))
"""What has none of these is a notice of the stream (a deletion, a withheld user), or nothing known."""


def parse_post(raw: bytes | str) -> Post:
    """Read one payload of any known form.

    >>> parse_post(b'{"id_str": "1", "text": "AI news https://t.co/abcdefghij"}').links
    ('https://t.co/abcdefghij',)

    Raises:
        PostError: with ``reason`` one of: too large, not UTF-8, not JSON, not an object,
            not a post, source error (see :mod:`include.posts.source_errors`), no id, bad id, no text.
    """
    payload, suspicious = _load_object(raw)
    try:
        post = form_of(payload)(payload)
    except PostError:
        if error_of(payload):  # asked only here, so that it costs a post nothing
            raise PostError(SOURCE_ERROR) from None
        raise
    return _cleaned(post) if suspicious else post


def form_of(payload: dict[str, Any]) -> Callable[[dict[str, Any]], Post]:
    """The parser for a payload's form, which its keys identify.

    >>> form_of({"data": {"id": "1"}}) is x_v2.parse
    True
    """
    if "data" in payload or payload.get("errors"):
        return x_v2.parse
    if "did" in payload or "uri" in payload:
        return bluesky.parse
    keys = payload.keys()
    if "id_str" in payload:
        return x_v1.parse if keys & _V1_ONLY else plain_rows.parse
    if keys & _V2_OWN:
        return x_v2.parse
    if isinstance(payload.get("id"), str):
        return x_v2.parse if keys & _V2_ONLY else plain_rows.parse
    if payload and _POST.isdisjoint(payload):
        raise PostError("not a post")
    return x_v1.parse if keys & _V1_ONLY else plain_rows.parse


def _load_object(raw: bytes | str) -> tuple[dict[str, Any], bool]:
    """The payload, and whether its strings may hold what Postgres refuses."""
    if len(raw) > MAX_BYTES:
        raise PostError("too large")
    payload, suspicious = _load(raw)
    if not isinstance(payload, dict):
        raise PostError(SOURCE_ERROR if isinstance(payload, list) and error_of(payload) else "not an object")
    if not _ERRORS.isdisjoint(payload) and stated_error_of(payload):
        raise PostError(SOURCE_ERROR)
    return payload, suspicious


def _load(raw: bytes | str) -> tuple[Any, bool]:
    """The JSON value, and whether its strings may hold what Postgres refuses."""
    escapes = b"\\u0000" if isinstance(raw, bytes) else "\\u0000"
    try:
        return orjson.loads(raw), escapes in raw  # type: ignore[operator]
    except orjson.JSONDecodeError:
        pass
    try:
        return load_leniently(raw), True
    except NotJson as error:
        raise PostError(error.reason) from None


def _cleaned(post: Post) -> Post:
    changes = {
        "id": clean(post.id),
        "text": clean(post.text),
        "source": clean(post.source or "") or None,
        "lang": clean(post.lang or "") or None,
        "media": tuple(filter(None, map(clean, post.media))),
        "hashtags": tuple(filter(None, map(clean, post.hashtags))),
    }
    if not changes["id"]:
        raise PostError("no id")
    if not changes["text"]:
        raise PostError("no text")
    return dataclasses.replace(post, **changes)  # type: ignore[arg-type]
