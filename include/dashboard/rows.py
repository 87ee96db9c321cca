"""Posts as rows of the dashboard's table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from include.posts.links import domain


def table_rows(posts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per post, each post once though it came by two topics; only http(s) can be followed."""
    return [_row(post) for post in {post["id"]: post for post in posts}.values()]


def _row(post: dict[str, Any]) -> dict[str, Any]:
    links = [link for link in post["links"] if link.startswith(("https://", "http://"))]
    kept = ("text", "probability", "lang", "created_at", "arrived_at", "model_version")
    return {
        **{name: post[name] for name in kept},
        "link": links[0] if links else None,
        "domain": domain(links[0]) if links else None,
        "more_links": links[1:],
        "permalink": permalink(post["id"]),
    }


def permalink(post_id: str) -> str | None:
    """The post on X, whose ids are numbers; None for other ids.

    >>> permalink("1246810000000000000"), permalink("at://did:plc:a/app.bsky.feed.post/1")
    ('https://x.com/i/web/status/1246810000000000000', None)
    """
    return f"https://x.com/i/web/status/{post_id}" if post_id.isascii() and post_id.isdecimal() else None
