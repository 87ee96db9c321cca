"""Where a post is read, and where its platform lets a person repost it by hand."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

_bluesky = re.compile(
    r"at://(did:[a-z]+:[A-Za-z0-9._:%-]{1,200})/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]{1,100})"
).fullmatch


def permalink(post_id: str) -> str | None:
    """The post on X, whose ids are numbers, or on Bluesky; None for other ids.

    >>> permalink("1246810000000000000")
    'https://x.com/i/web/status/1246810000000000000'
    >>> permalink("at://did:plc:a/app.bsky.feed.post/3k"), permalink("t3_abc")
    ('https://bsky.app/profile/did:plc:a/post/3k', None)
    """
    if _is_number(post_id):
        return f"https://x.com/i/web/status/{post_id}"
    if found := _bluesky(post_id):
        return f"https://bsky.app/profile/{found[1]}/post/{found[2]}"
    return None


def repost_page(post_id: str, link: str) -> str:
    """The platform's page on which a person reposts: X's own; else the post; else a new post with the link.

    >>> repost_page("17", "https://a.example/")
    'https://x.com/intent/retweet?tweet_id=17'
    >>> repost_page("t3_abc", "https://a.example/?b=1&c")
    'https://x.com/intent/post?url=https%3A%2F%2Fa.example%2F%3Fb%3D1%26c'
    """
    if _is_number(post_id):
        return f"https://x.com/intent/retweet?tweet_id={post_id}"
    return (
        permalink(post_id)
        or f"https://x.com/intent/post?{urlencode({'url': link}, quote_via=quote, safe='')}"
    )


def _is_number(post_id: str) -> bool:
    return post_id.isascii() and post_id.isdecimal() and len(post_id) <= 20
