"""X API v2: filtered stream, search and lookups (``{"data": {...}, "includes": {...}}``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from include.posts import fields
from include.posts.links import external, resolve
from include.posts.post import Post, PostError
from include.posts.values.times import iso_time

Payload = dict[str, Any]


def parse(payload: Payload) -> Post:
    """Read a v2 response of one post, or its bare ``data`` object.

    Raises:
        PostError: ``no id``, ``no text``, ``bad id``, ``too large``, or ``not a post`` for a
            response without data (an error or disconnect message).
    """
    data = payload.get("data", None if payload.get("errors") else payload)
    if not isinstance(data, dict):
        raise PostError("not a post")
    identifier = fields.identifier(data.get("id"))
    includes = fields.mapping(payload.get("includes"))
    referenced = dict(_referenced(data, includes))
    told = referenced.get("retweeted", data)
    try:
        text = _text(told)
    except PostError:
        text = _text(data)
    return Post(
        id=identifier,
        text=text,
        created_at=iso_time(data.get("created_at")),
        source=fields.client_name(data.get("source")),
        source_kind="x_v2",
        lang=fields.short(data.get("lang")),
        links=external(_urls(data, referenced, includes)),
        media=tuple(dict.fromkeys(_media(told, includes))),
        hashtags=_hashtags(told, text),
        is_retweet=_is_retweet(data),
        author=fields.account(data.get("author_id")),
        repeats=_repeats(data),
    )


def _text(post: Payload) -> str:
    note = fields.mapping(post.get("note_tweet"))
    return fields.unescape(fields.text_of(note.get("text"), post.get("text")))


def _has_text(post: Payload) -> bool:
    return bool(fields.string(post.get("text")) or fields.mapping(post.get("note_tweet")))


def _is_retweet(data: Payload) -> bool:
    kinds = [item.get("type") for item in fields.objects(data.get("referenced_tweets"))]
    text = data.get("text")
    return "retweeted" in kinds or (not kinds and isinstance(text, str) and text.startswith("RT @"))


def _repeats(data: Payload) -> str | None:
    wanted = fields.objects(data.get("referenced_tweets"))
    return next((fields.account(one.get("id")) for one in wanted if one.get("type") == "retweeted"), None)


def _referenced(data: Payload, includes: Payload) -> Iterator[tuple[str, Payload]]:
    """The posts this one reposts, quotes or answers, as far as the payload includes them.

    Beside it, as X sends them; or within the reference itself, as ``twarc2 flatten`` puts them.
    """
    wanted = list(fields.objects(data.get("referenced_tweets")))
    if not wanted:
        return
    included = {
        post["id"]: post for post in fields.objects(includes.get("tweets")) if isinstance(post.get("id"), str)
    }
    for item in wanted:
        kind, identifier = item.get("type"), item.get("id")
        if not isinstance(kind, str):
            continue
        if isinstance(identifier, str) and identifier in included:
            yield kind, included[identifier]
        elif _has_text(item):
            yield kind, item


def _urls(data: Payload, referenced: dict[str, Payload], includes: Payload) -> Iterator[str]:
    yield from _own_urls(data, includes, in_text="retweeted" not in referenced)
    for kind in ("retweeted", "quoted"):  # the post that is answered is not what this one shares
        if kind in referenced:
            yield from _own_urls(referenced[kind], includes, in_text=True)
    if (told := referenced.get("retweeted")) is not None:  # a repost of a quote
        for kind, post in _referenced(told, includes):
            if kind == "quoted":
                yield from _own_urls(post, includes, in_text=True)


def _own_urls(post: Payload, includes: Payload, *, in_text: bool) -> list[str]:
    expanded: dict[str, str] = {}
    for entities in _entities(post):
        for url in fields.objects(entities.get("urls")):
            target = fields.string(url.get("unwound_url")) or fields.string(url.get("expanded_url"))
            if short := fields.string(url.get("url")) or target:
                expanded.setdefault(short, target or short)
    try:
        text = _text(post) if in_text else ""
    except PostError:
        text = ""
    attached = bool(fields.mapping(post.get("attachments"))) or any(_media(post, includes))
    return resolve(text, expanded, keep_short=not attached)


def _entities(post: Payload) -> list[Payload]:
    """The entity objects of one post; the note's first, since they cover the whole text."""
    found = [fields.mapping(post.get("note_tweet")).get("entities"), post.get("entities")]
    return [entities for entities in found if isinstance(entities, dict)]


def _media(post: Payload, includes: Payload) -> Iterator[str]:
    attachments = fields.mapping(post.get("attachments"))
    keys = attachments.get("media_keys")
    keys = keys if isinstance(keys, list) else []
    beside = fields.objects(includes.get("media")) if keys else ()
    within = fields.objects(attachments.get("media"))  # twarc2 flatten's
    for item in [*(item for item in beside if item.get("media_key") in keys), *within]:
        if url := fields.string(item.get("url")) or fields.string(item.get("preview_image_url")):
            yield url


def _hashtags(post: Payload, text: str) -> tuple[str, ...]:
    listed = [
        tag["tag"]
        for entities in _entities(post)
        for tag in fields.objects(entities.get("hashtags"))
        if fields.string(tag.get("tag"))
    ]
    return fields.unique_tags(listed or fields.tags_in(text))
