"""The few fields of a post that the stream keeps, parsed in a fraction of the time.

Nearly all of X's posts have the plain shapes that :mod:`include.posts.x_structs` declares, and are decoded
into those. Payloads of another shape, or with a wrong type somewhere, go through the full parser. The result
equals that of :func:`include.posts.parse.parse_post`; tests check it on real, generated and broken posts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from msgspec import DecodeError, UnsetType

from include.posts import fields
from include.posts.links import external, resolve
from include.posts.parse import MAX_BYTES, parse_post
from include.posts.post import Post
from include.posts.values.times import iso_microseconds, microseconds, v1_microseconds
from include.posts.x_structs import NodeV1, Payload, PostV2, ReferencedPost, Url, decode

_FEW = 50
"""Looking for each listed link in the text takes as long as there are many."""

_is_short = re.compile(r"https://t\.co/[A-Za-z0-9]{10}").fullmatch


class Light(NamedTuple):
    """A post's fields as :class:`include.posts.post.Post` has them, but for the time."""

    id: str
    text: str
    created_at: int | None
    """Microseconds since 1970."""
    lang: str | None
    links: tuple[str, ...]
    hashtags: tuple[str, ...]
    author: str | None
    repeats: str | None


def read_light(raw: bytes) -> Light:
    """Read one payload of any known form.

    >>> read_light(b'{"id_str": "1", "text": "AI news https://t.co/abcdefghij"}').links
    ('https://t.co/abcdefghij',)

    Raises:
        PostError: as :func:`include.posts.parse.parse_post`, for the same reasons.
    """
    return read_plain(raw) or light_of(parse_post(raw))


def read_plain(raw: bytes) -> Light | None:
    """Read one payload of a plain shape; None if it needs the full parser."""
    if len(raw) > MAX_BYTES:
        return None
    try:
        if not raw.isascii():
            raw.decode()  # the decoder does not validate the fields that it skips
        payload = decode(raw)
        data = payload.data
        return _x_v1(payload) if isinstance(data, UnsetType) else _x_v2(data, payload)
    except (_NotPlain, DecodeError, UnicodeDecodeError, RecursionError):
        return None


def light_of(post: Post) -> Light:
    """The fields of a parsed post that the stream keeps."""
    return Light(
        post.id,
        post.text,
        microseconds(post.created_at),
        post.lang,
        post.links,
        post.hashtags,
        post.author,
        post.repeats,
    )


class _NotPlain(Exception):
    """The payload has another shape, and needs the full parser."""


def _x_v2(data: PostV2, payload: Payload) -> Light:
    told = data
    before: dict[str, str] = {}
    expanded: dict[str, str] = {}
    tags: list[str] = []
    repeats = None
    if data.referenced_tweets:
        repeats = fields.account(data.referenced_tweets[0].id)
        told = _repeated_v2(data.referenced_tweets, payload)
        if data.entities:
            _expand(data.entities.urls, before)
    if told.entities:
        _expand(told.entities.urls, expanded)
        tags = [tag.tag for tag in told.entities.hashtags]
    text = _text(told.text)
    return Light(
        _identifier(data.id),
        text,
        iso_microseconds(data.created_at),
        _short(data.lang),
        _links(text, expanded, before.values(), keep_short=True),
        _hashtags(text, tags),
        fields.account(data.author_id),
        repeats,
    )


def _repeated_v2(references: Sequence[ReferencedPost], payload: Payload) -> PostV2:
    """The post that a plain repost repeats, which refers to nothing more."""
    included = payload.includes.tweets if payload.includes else ()
    if len(references) != 1 or len(included) != 1:
        raise _NotPlain
    reference, told = references[0], included[0]
    if reference.type != "retweeted" or reference.id != told.id or told.referenced_tweets:
        raise _NotPlain
    return told


def _x_v1(payload: Payload) -> Light:
    told: NodeV1 = payload
    before: dict[str, str] = {}
    expanded: dict[str, str] = {}
    tags: list[str] = []
    repeats = None
    if payload.retweeted_status:
        told = payload.retweeted_status
        repeats = fields.account(payload.retweeted_status.id_str)
        if repeats is None:
            raise _NotPlain
        _read_v1(payload, before, [])
    text, media = _read_v1(told, expanded, tags)
    return Light(
        _identifier(payload.id_str),
        text,
        v1_microseconds(payload.created_at),
        _short(payload.lang),
        _links(text, expanded, before.values(), keep_short=not media),
        _hashtags(text, tags),
        fields.account(payload.user.id_str) if payload.user else None,
        repeats,
    )


def _read_v1(node: NodeV1, expanded: dict[str, str], tags: list[str]) -> tuple[str, bool]:
    """The text of one post, and whether it has media; its links and hashtags are added.

    A post without entities is not plain: it may be of another form than v1.1.
    """
    text, entities, extended = node.text, node.entities, node.extended_tweet
    if text is None or entities is None:
        raise _NotPlain
    media = entities.media
    if extended:
        text, media = extended.full_text, extended.entities.media or media
        _expand(extended.entities.urls, expanded)
        tags += [tag.text for tag in extended.entities.hashtags]
    _expand(entities.urls, expanded)
    tags += [tag.text for tag in entities.hashtags]
    if media and (not media[0].media_url_https or media[0].media_url_https.isspace()):
        raise _NotPlain
    return _text(text), bool(media)


def _expand(urls: Sequence[Url], expanded: dict[str, str]) -> None:
    """Add the targets of the listed short links."""
    for url in urls:
        target = url.expanded_url
        if not _is_short(url.url) or not target or target.isspace():
            raise _NotPlain
        expanded.setdefault(url.url, target)


def _text(text: str) -> str:
    if text[:1] <= " " or len(text) > fields.MAX_TEXT or "\x00" in text or text.isspace():
        raise _NotPlain
    return fields.unescape(text) if "&" in text else text


def _identifier(value: str | None) -> str:
    if value is None or not value.isdecimal() or len(value) > fields.MAX_ID:
        raise _NotPlain
    return value


def _short(value: str | None) -> str | None:
    if value and "\x00" in value:
        raise _NotPlain
    return fields.short(value)


def _links(
    text: str, expanded: dict[str, str], before: Collection[str], *, keep_short: bool
) -> tuple[str, ...]:
    """The external links; the text is searched only where it holds one that is not listed."""
    if not expanded and not before and "://" not in text:
        return ()
    if len(expanded) > _FEW or text.count("://") != sum(map(text.count, expanded)):
        return external([*before, *resolve(text, expanded, keep_short=keep_short)])
    return external([*before, *expanded.values()])


def _hashtags(text: str, listed: list[str]) -> tuple[str, ...]:
    if not listed:
        return fields.unique_tags(fields.tags_in(text))
    if not all(map(str.strip, listed)) or "\x00" in "".join(listed):
        raise _NotPlain
    if len(listed) == 1 and len(listed[0]) <= fields.MAX_SHORT:
        return (listed[0],)
    return fields.unique_tags(listed)
