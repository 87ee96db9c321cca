"""Copies of posts within payloads: a post by itself, in a repost or a quote, in a page of posts."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from include.posts.bluesky import COLLECTION, author_of
from include.posts.fields import mapping, objects
from include.posts.values.ids import plain_id
from include.posts.values.json_value import NotJson, load

GONE = object()
"""In place of a value of which nothing is left."""

_TEXTS = frozenset(("text", "full_text", "extended_tweet", "note_tweet", "record", "body", "content"))
_IDS = ("id_str", "id", "tweet_id", "status_id", "post_id", "uri")
_BROKEN_ID = re.compile(rb'"(?:id_str|id|tweet_id|status_id|post_id|uri)"\s*:\s*"?([0-9]{1,25}|at:[^"\s]+)')


@dataclass(frozen=True)
class Copies:
    """Knows copies of some posts, and of all posts of some accounts."""

    posts: Set[str]
    authors: Set[str] = frozenset()

    def of(self, node: dict[str, Any]) -> bool:
        """Whether an object is a copy, or repeats one: of a repost nothing is its own."""
        if not _TEXTS.isdisjoint(node) and (
            any(plain_id(node.get(key)) in self.posts for key in _IDS) or self._by(node)
        ):
            return True
        if (event := _address(node)) and (event in self.posts or author_of(event) in self.authors):
            return True
        told = node.get("retweeted_status")
        if isinstance(told, dict) and self.of(told):
            return True
        return (
            any(
                one.get("type") == "retweeted" and plain_id(one.get("id")) in self.posts
                for one in objects(node.get("referenced_tweets"))
            )
            or plain_id(node.get("repeats")) in self.posts
        )

    def _by(self, node: dict[str, Any]) -> bool:
        user = mapping(node.get("user"))
        written = (node.get("author_id"), user.get("id_str"), user.get("id"), node.get("author"))
        uri = node.get("uri")
        did = author_of(uri) if isinstance(uri, str) else None
        return bool(self.authors) and (
            did in self.authors or any(plain_id(o) in self.authors for o in written)
        )

    def in_bytes(self, value: bytes) -> bool:
        """Whether a payload holds a copy; of broken JSON, whether it names one of the posts."""
        try:
            return self.without(load(value))[1]
        except NotJson:
            named = {
                one.decode("utf-8", "replace") for one in _BROKEN_ID.findall(value.replace(b"\\/", b"/"))
            }
            return not self.posts.isdisjoint(named)

    def without(self, value: Any) -> tuple[Any, bool]:
        """The value without copies, and whether there were any; ``GONE`` where nothing is left.

        >>> Copies({"1"}).without({"id": "2", "text": "b", "quoted_status": {"id": "1", "text": "a"}})
        ({'id': '2', 'text': 'b'}, True)
        >>> Copies({"1"}).without({"id": "3", "text": "RT", "retweeted_status": {"id": "1", "text": "a"}})[1]
        True
        """
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, list):
            kept = [self.without(one) for one in value]
            changed = any(was for _, was in kept)
            return ([one for one, _ in kept if one is not GONE] if changed else value), changed
        return value, False

    def _object(self, node: dict[str, Any]) -> tuple[Any, bool]:
        if self.of(node):
            return GONE, True
        kept, changed = {}, False
        for key, inner in node.items():
            left, was = self.without(inner) if isinstance(inner, (dict, list)) else (inner, False)
            if key == "data" and left is GONE:
                return GONE, True
            changed |= was
            if left is not GONE:
                kept[key] = left
        return (kept, True) if changed else (node, False)


def _address(node: dict[str, Any]) -> str | None:
    """The address of the post in an event of Bluesky's."""
    commit = node.get("commit")
    if not isinstance(commit, dict) or not isinstance(commit.get("record"), dict):
        return None
    return f"at://{node.get('did')}/{COLLECTION}/{commit.get('rkey')}"
