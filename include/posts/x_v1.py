"""X API v1.1: what the old streaming API sent and every archive of 2012-2023 holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from include.posts import fields
from include.posts.links import external, resolve
from include.posts.post import Post, PostError
from include.posts.values.ids import plain_id
from include.posts.values.times import x_v1_time

Payload = dict[str, Any]
_DEPTH = 4  # a repost of a quote is two; more is no post


def parse(payload: Payload) -> Post:
    """Read a v1.1 object.

    Raises:
        PostError: ``no id``, ``no text``, ``bad id``, ``too large``.
    """
    identifier = fields.identifier(payload.get("id_str"), payload.get("id"))
    told = fields.mapping(payload.get("retweeted_status")) or payload
    try:
        text = _text(told)
    except PostError:
        text = _text(payload)
    return Post(
        id=identifier,
        text=text,
        created_at=x_v1_time(payload.get("created_at")),
        source=fields.client_name(payload.get("source")),
        source_kind="x_v1",
        lang=fields.short(payload.get("lang")),
        links=external(_urls(payload, _DEPTH)),
        media=tuple(dict.fromkeys(_media(told))),
        hashtags=_hashtags(told, text),
        is_retweet=told is not payload,
        author=fields.account(fields.mapping(payload.get("user")).get("id_str")),
        repeats=None if told is payload else fields.account(plain_id(told.get("id_str", told.get("id")))),
    )


def _text(node: Payload) -> str:
    extended = fields.mapping(node.get("extended_tweet"))
    return fields.unescape(fields.text_of(extended.get("full_text"), node.get("full_text"), node.get("text")))


def _entities(node: Payload) -> list[Payload]:
    """The entity objects of one node; the extended ones first, since they cover the whole text."""
    extended = fields.mapping(node.get("extended_tweet"))
    found = [extended.get("entities"), extended.get("extended_entities")]
    found += [node.get("entities"), node.get("extended_entities")]
    return [entities for entities in found if isinstance(entities, dict)]


def _urls(node: Payload, depth: int) -> Iterator[str]:
    """URLs of a post, of what it reposts and of what it quotes."""
    retweeted = fields.mapping(node.get("retweeted_status"))
    yield from _own_urls(node, in_text=not retweeted)
    if depth:
        for nested in (retweeted, fields.mapping(node.get("quoted_status"))):
            if nested:
                yield from _urls(nested, depth - 1)


def _own_urls(node: Payload, *, in_text: bool) -> list[str]:
    expanded: dict[str, str] = {}
    for entities in _entities(node):
        for url in fields.objects(entities.get("urls")):
            target = fields.string(url.get("unwound_url"))
            target = target or _unwound(url) or fields.string(url.get("expanded_url"))
            if short := fields.string(url.get("url")) or target:
                expanded.setdefault(short, target or short)
    try:
        text = _text(node) if in_text else ""
    except PostError:
        text = ""
    return resolve(text, expanded, keep_short=not any(_media(node)))


def _unwound(url: Payload) -> str | None:
    return fields.string(fields.mapping(url.get("unwound")).get("url"))


def _media(node: Payload) -> Iterator[str]:
    for entities in _entities(node):
        for item in fields.objects(entities.get("media")):
            if url := fields.string(item.get("media_url_https")) or fields.string(item.get("media_url")):
                yield url


def _hashtags(node: Payload, text: str) -> tuple[str, ...]:
    listed = [
        tag["text"]
        for entities in _entities(node)
        for tag in fields.objects(entities.get("hashtags"))
        if fields.string(tag.get("text"))
    ]
    return fields.unique_tags(listed or fields.tags_in(text))
