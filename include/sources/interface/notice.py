"""Deletion notices on their way into Kafka: a topic of their own, in one form for all sources."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from include.posts.deletions import Deletion, deletion_in
from include.sources.interface.source import RawPost


def notice_of(raw: bytes, topic: str) -> RawPost | None:
    """The notice in a source's message; None where it is none.

    >>> notice_of(b'{"text": "a post"}', "t")
    """
    deletion = deletion_in(raw)
    return None if deletion is None else message(deletion, topic, "notice of the source")


def message(deletion: Deletion, topic: str, reason: str) -> RawPost:
    """A message that has a post or an account forgotten. The key is what: compaction keeps one of each."""
    value = {
        "kind": deletion.kind,
        "id": deletion.id,
        "reason": reason,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return RawPost(topic, f"{deletion.kind}:{deletion.id}".encode(), orjson.dumps(value))
