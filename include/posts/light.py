"""The few fields of a post that the stream keeps, read in a fraction of the time.

X's posts are nearly all of a few plain shapes, whose answer is read straight from the payload. Whatever
is of another shape, or of a wrong type somewhere, goes through its form's own parser. What comes out is
the same as :func:`include.posts.parse.parse_post` gives: a test holds it to that.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, NamedTuple

from include.posts import fields
from include.posts.links import external, resolve
from include.posts.parse import load_payload, post_of
from include.posts.post import Post
from include.posts.times import iso_microseconds, microseconds, v1_microseconds

Payload = dict[str, Any]

_is_short = re.compile(r"https://t\.co/[A-Za-z0-9]{10}").fullmatch
_NOT_V1 = frozenset(("data", "errors", "did", "uri"))
_NOT_PLAIN_V1 = frozenset(("quoted_status", "full_text", "extended_entities"))
_NOT_PLAIN_V2 = frozenset(("note_tweet", "attachments"))


class Light(NamedTuple):
    """A post's fields as :class:`include.posts.post.Post` has them, but for the time."""

    id: str
    text: str
    created_at: int | None
    """Microseconds since 1970."""
    lang: str | None
    links: tuple[str, ...]
    hashtags: tuple[str, ...]


def read_light(raw: bytes) -> Light:
    """Read one payload of any known form.

    >>> read_light(b'{"id_str": "1", "text": "AI news https://t.co/abcdefghij"}').links
    ('https://t.co/abcdefghij',)

    Raises:
        PostError: as :func:`include.posts.parse.parse_post`, for the same reasons.
    """
    payload, suspicious = load_payload(raw)
    if not suspicious:
        try:
            return _x_v2(payload) if "data" in payload else _x_v1(payload)
        except _NOT_PLAIN:
            pass
    return light_of(post_of(payload, suspicious=suspicious))


def light_of(post: Post) -> Light:
    """A post without what the stream does not keep."""
    return Light(post.id, post.text, microseconds(post.created_at), post.lang, post.links, post.hashtags)


class _NotPlain(Exception):
    """The payload is of another shape, and takes the long way."""


_NOT_PLAIN = (_NotPlain, KeyError, TypeError, AttributeError)
"""A missing key or a value of a wrong type is the long way's business too: there it counts as absent."""


def _x_v2(payload: Payload) -> Light:
    data = payload["data"]
    told = data
    before: dict[str, str] = {}
    expanded: dict[str, str] = {}
    tags: list[str] = []
    if "referenced_tweets" in data:
        told = _repeated_v2(data["referenced_tweets"], payload["includes"]["tweets"])
    if not (_NOT_PLAIN_V2.isdisjoint(data) and _NOT_PLAIN_V2.isdisjoint(told)):
        raise _NotPlain
    text = _text(told["text"])
    if told is not data and "entities" in data:
        _read_entities(data["entities"], "tag", before, [])
    if "entities" in told:
        _read_entities(told["entities"], "tag", expanded, tags)
    return Light(
        _identifier(data["id"]),
        text,
        iso_microseconds(data.get("created_at")),
        fields.short(data.get("lang")),
        _links(text, expanded, before.values(), keep_short=True),
        _hashtags(text, tags),
    )


def _repeated_v2(references: list[Payload], included: list[Payload]) -> Payload:
    """The post that a plain repost repeats, which refers to nothing more."""
    if len(references) != 1 or len(included) != 1:
        raise _NotPlain
    reference, told = references[0], included[0]
    if reference["type"] != "retweeted" or "referenced_tweets" in told:
        raise _NotPlain
    if _identifier(reference["id"]) != told["id"]:
        raise _NotPlain
    return told


def _x_v1(payload: Payload) -> Light:
    if not (_NOT_V1.isdisjoint(payload) and _NOT_PLAIN_V1.isdisjoint(payload)):
        raise _NotPlain
    told = payload
    before: dict[str, str] = {}
    expanded: dict[str, str] = {}
    tags: list[str] = []
    if payload.get("retweeted_status"):
        told = payload["retweeted_status"]
        _read_v1(payload, before, [])
        if not _NOT_PLAIN_V1.isdisjoint(told) or told.get("retweeted_status"):
            raise _NotPlain
    text, media = _read_v1(told, expanded, tags)
    return Light(
        _identifier(payload["id_str"]),
        text,
        v1_microseconds(payload.get("created_at")),
        fields.short(payload.get("lang")),
        _links(text, expanded, before.values(), keep_short=not media),
        _hashtags(text, tags),
    )


def _read_v1(node: Payload, expanded: dict[str, str], tags: list[str]) -> tuple[str, bool]:
    """The text of one post, and whether it has media; its links and hashtags are added.

    A post without entities is not plain: it may be of another form than v1.1.
    """
    text, media = node["text"], False
    if extended := node.get("extended_tweet"):
        if "extended_entities" in extended:
            raise _NotPlain
        text = extended["full_text"]
        media = _read_entities(extended["entities"], "text", expanded, tags)
    media |= _read_entities(node["entities"], "text", expanded, tags)
    return _text(text), media


def _read_entities(entities: Payload, tag: str, expanded: dict[str, str], tags: list[str]) -> bool:
    """Add what one entity object lists: links, hashtags. Returns whether it lists media (v1.1 only)."""
    for url in entities.get("urls") or ():
        short, target = url["url"], url["expanded_url"]
        if not _is_short(short) or not target or target.isspace() or "unwound" in url or "unwound_url" in url:
            raise _NotPlain
        expanded.setdefault(short, target)
    for item in entities.get("hashtags") or ():
        name = item[tag]
        if not name or name.isspace():
            raise _NotPlain
        tags.append(name)
    media = entities.get("media")
    if not media:
        return False
    if media[0]["media_url_https"].isspace() or not media[0]["media_url_https"]:
        raise _NotPlain
    return True


def _text(text: str) -> str:
    if text[:1] <= " " or len(text) > fields.MAX_TEXT or text.isspace():
        raise _NotPlain
    return fields.unescape(text) if "&" in text else text


def _identifier(value: str) -> str:
    if not value.isalnum() or len(value) > fields.MAX_ID:
        raise _NotPlain
    return value


def _links(
    text: str, expanded: dict[str, str], before: Collection[str], *, keep_short: bool
) -> tuple[str, ...]:
    """The external links; the text is searched only where it holds one that is not listed."""
    in_text = text.count("://")
    if in_text and in_text != sum(map(text.count, expanded)):
        return external([*before, *resolve(text, expanded, keep_short=keep_short)])
    return external([*before, *expanded.values()]) if expanded or before else ()


def _hashtags(text: str, listed: list[str]) -> tuple[str, ...]:
    if len(listed) == 1 and len(listed[0]) <= fields.MAX_SHORT:
        return (listed[0],)
    if not listed and "#" not in text and "＃" not in text:
        return ()
    return fields.unique_tags(listed or fields.tags_in(text))
