"""Bluesky: a Jetstream event (``did``, ``commit.record``) or a post view (``uri``, ``record``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from include.posts import fields
from include.posts.links import external, urls_in
from include.posts.post import Post, PostError
from include.posts.values.times import iso_time, microseconds_time

Payload = dict[str, Any]
COLLECTION = "app.bsky.feed.post"


def parse(payload: Payload) -> Post:
    """Read a created or updated post. Its id is its at:// address: a record key alone is not unique.

    Raises:
        PostError: ``not a post`` for deletions, likes, follows and account events; ``no id``,
            ``no text``, ``bad id``, ``too large``.
    """
    commit = fields.mapping(payload.get("commit"))
    identifier = _address(payload, commit) if commit else fields.identifier(payload.get("uri"))
    record = fields.mapping((commit or payload).get("record"))
    if not record:
        raise PostError("not a post")
    text = fields.text_of(record.get("text"))
    langs = record.get("langs")
    return Post(
        id=identifier,
        text=text,
        # createdAt is whatever the author's client says; time_us is the server's
        created_at=microseconds_time(payload.get("time_us")) or iso_time(record.get("createdAt")),
        source="Bluesky",
        source_kind="bluesky",
        lang=fields.short(langs[0]) if isinstance(langs, list) and langs else None,
        links=external([*_urls(record), *urls_in(text)]),
        media=tuple(dict.fromkeys(_media(record.get("embed")))),
        hashtags=_hashtags(record, text),
        is_retweet=False,
        author=author_of(identifier),
    )


def author_of(address: str) -> str | None:
    """The account of a post's address; None for what is no such address.

    >>> author_of("at://did:plc:ab/app.bsky.feed.post/3k"), author_of("17")
    ('did:plc:ab', None)
    """
    did = address.removeprefix("at://").partition("/")[0]
    return did if address.startswith("at://did:") and len(did) <= fields.MAX_SHORT else None


def _address(payload: Payload, commit: Payload) -> str:
    if commit.get("collection") != COLLECTION or commit.get("operation") not in ("create", "update"):
        raise PostError("not a post")
    did, key = fields.string(payload.get("did")), fields.string(commit.get("rkey"))
    if not did or not key:
        raise PostError("no id")
    return fields.identifier(f"at://{did}/{COLLECTION}/{key}")


def _features(record: Payload, name: str) -> Iterator[str]:
    """``uri`` or ``tag`` of the rich-text facets."""
    for facet in fields.objects(record.get("facets")):
        for feature in fields.objects(facet.get("features")):
            if value := fields.string(feature.get(name)):
                yield value


def _hashtags(record: Payload, text: str) -> tuple[str, ...]:
    """Tags of the text's facets and those only listed beside it (``tags``)."""
    beside = record.get("tags")
    listed = [*_features(record, "tag"), *(beside if isinstance(beside, list) else [])]
    return fields.unique_tags([tag for tag in listed if fields.string(tag)] or fields.tags_in(text))


def _urls(record: Payload) -> Iterator[str]:
    yield from _features(record, "uri")
    embed = fields.mapping(record.get("embed"))
    for part in (embed, fields.mapping(embed.get("media"))):  # recordWithMedia nests the card
        if uri := fields.string(fields.mapping(part.get("external")).get("uri")):
            yield uri


def _media(embed: object) -> Iterator[str]:
    """Content ids of attached pictures and videos; Bluesky gives no address for them."""
    part = fields.mapping(embed)
    for inner in (part, fields.mapping(part.get("media"))):
        blobs = [image.get("image") for image in fields.objects(inner.get("images"))]
        for blob in [*blobs, inner.get("video")]:
            if link := fields.string(fields.mapping(fields.mapping(blob).get("ref")).get("$link")):
                yield link
