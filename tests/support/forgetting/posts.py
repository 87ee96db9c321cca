"""Payloads of X's around one post: itself, a repost, a quote, a broken quote, and others' own posts."""

from __future__ import annotations

from typing import Any

import orjson

ID, AUTHOR, NEEDLE = "1240291123456789123", "783214", "zebrafinch"
"""The post that is to be forgotten, its author, and a word of its text that stands nowhere else."""
TEXT = f"{NEEDLE} neural networks explained in twenty pictures today"
LINK = "https://zebra.example/finch"
REPOST, QUOTE, BROKEN, ALIKE, OTHER = (str(int(ID) + n) for n in range(1, 6))
AT = "Sun Apr 05 10:00:00 +0000 2020"


def post(identifier: str, text: str, user: str, **more: Any) -> dict[str, Any]:
    """A v1.1 object."""
    entities: dict[str, Any] = {"urls": [], "hashtags": []}
    return {
        "id_str": identifier, "text": text, "created_at": AT, "lang": "en", "entities": entities,
        "user": {"id_str": user}, **more,
    }  # fmt: skip


def original() -> dict[str, Any]:
    """The post, with a link."""
    url = {"url": "https://t.co/abcdefghij", "expanded_url": LINK}
    entities = {"urls": [url], "hashtags": []}
    return post(ID, f"{TEXT} https://t.co/abcdefghij", AUTHOR) | {"entities": entities}


def payloads() -> list[dict[str, Any]]:
    """All of them; a broken quote is no post, and becomes a dead letter."""
    return [
        original(),
        post(REPOST, f"RT @somebody: {TEXT[:40]}…", "2", retweeted_status=original()),
        post(QUOTE, "my own words about machine learning", "3", quoted_status=original()),
        post(BROKEN, " ", "4", quoted_status=original()),
        post(ALIKE, "neural networks, explained in twenty pictures, today", "5"),
        post(OTHER, "breakfast in Leipzig", AUTHOR),
    ]


def lines() -> bytes:
    """As a dump has them."""
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in payloads())
