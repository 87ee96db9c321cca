"""The plain shapes of X's payloads, v1.1's and v2's, for a decoder that validates while it reads.

Only the fields that the stream keeps are declared, and those that make a payload not plain (``Never``). A
decoder that skips the rest is twice as fast as one that builds objects: v1.1's payloads are mostly about the
author.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

Never: TypeAlias = Annotated[int, Meta(ge=1, le=0)] | UnsetType
"""No value satisfies this: a payload that has such a field does not decode."""


class Url(Struct, gc=False):
    url: str
    expanded_url: str
    unwound: Never = UNSET
    unwound_url: Never = UNSET


class TagV2(Struct, gc=False):
    tag: str


class EntitiesV2(Struct, gc=False):
    urls: tuple[Url, ...] = ()
    hashtags: tuple[TagV2, ...] = ()


class ReferencedPost(Struct, gc=False):
    type: str
    id: str


class PostV2(Struct, gc=False):
    id: str
    text: str
    author_id: str | None = None
    created_at: str | None = None
    lang: str | None = None
    entities: EntitiesV2 | None = None
    referenced_tweets: tuple[ReferencedPost, ...] = ()
    note_tweet: Never = UNSET
    attachments: Never = UNSET


class Includes(Struct, gc=False):
    tweets: tuple[PostV2, ...] = ()


class TagV1(Struct, gc=False):
    text: str


class Media(Struct, gc=False):
    media_url_https: str


class EntitiesV1(Struct, gc=False):
    urls: tuple[Url, ...] = ()
    hashtags: tuple[TagV1, ...] = ()
    media: tuple[Media, ...] = ()


class Extended(Struct, gc=False):
    full_text: str
    entities: EntitiesV1
    extended_entities: Never = UNSET


class NodeV1(Struct, gc=False):
    """A v1.1 post, or the one that it reposts."""

    text: str | None = None
    entities: EntitiesV1 | None = None
    extended_tweet: Extended | None = None
    quoted_status: Never = UNSET
    full_text: Never = UNSET
    extended_entities: Never = UNSET


class ToldV1(NodeV1, gc=False):
    id_str: str | None = None
    retweeted_status: Never = UNSET


class UserV1(Struct, gc=False):
    id_str: str | None = None


class Payload(NodeV1, gc=False):
    """Either form: v2's has ``data``, all other fields but ``includes`` are v1.1's."""

    data: PostV2 | UnsetType = UNSET
    includes: Includes | UnsetType = UNSET
    id_str: str | None = None
    user: UserV1 | None = None
    created_at: str | None = None
    lang: str | None = None
    retweeted_status: ToldV1 | None = None
    # Another source's, and what may be an error's.
    did: Never = UNSET
    uri: Never = UNSET
    errors: Never = UNSET
    error: Never = UNSET
    status: Never = UNSET
    disconnect: Never = UNSET


decode = msgspec.json.Decoder(Payload).decode
"""Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError."""
