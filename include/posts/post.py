"""The canonical post, which the payloads of every source are parsed into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SourceKind = Literal["x_v1", "x_v2", "bluesky", "plain"]


@dataclass(frozen=True, slots=True)
class Post:
    """One post. No string in it holds U+0000 or a lone surrogate, so that Postgres takes it.

    For a repost, ``text``, ``links`` and ``hashtags`` are those of the post it repeats, whole.
    """

    id: str
    text: str
    created_at: datetime | None
    """Aware, in UTC; None where the payload has none, or an impossible one."""
    source: str | None
    """Name of the client that wrote it, without HTML."""
    source_kind: SourceKind
    lang: str | None
    links: tuple[str, ...]
    """Canonical external links, each once, the post's own first."""
    media: tuple[str, ...]
    hashtags: tuple[str, ...]
    """Without ``#``, as written, each once whatever its case."""
    is_retweet: bool
    author: str | None = None
    """The account's id, as the source gives it (digits, or a DID); None where the payload has none."""
    repeats: str | None = None
    """The id of the post that a repost repeats, where the payload says it."""


class PostError(ValueError):
    """A payload that is no post. ``reason`` is short and does not vary, as it is counted and shown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
