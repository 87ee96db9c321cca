"""Pages of posts, a page a line, as twarc2 and other tools write what an API answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from include.posts.fields import mapping, objects
from include.posts.source_errors import stated_error_of
from include.posts.values.json_value import NotJson, dump, load

Payload = dict[str, Any]

LISTS = ("data", "statuses", "results", "tweets", "posts")
"""Where a page has its posts: X API v2; v1.1's search; its enterprise search; other tools; Bluesky."""

_KEYS = {"tweets": "id", "users": "id", "media": "media_key", "polls": "id", "places": "id"}
"""What ``includes`` of v2 has, and by which field a post refers to it."""

_REFERENCES = frozenset(
    ("id", "author_id", "in_reply_to_user_id", "media_keys", "poll_ids", "place_id", "pinned_tweet_id")
)
_DEEPEST = 4  # a post, which reposts one, which quotes one, with its media


def page_posts(value: bytes) -> list[bytes] | None:
    """The posts of a page, each as JSON of its own with what it refers to; None for what is no page.

    What is listed and no post is given as well, and so is an error that the page reports of its source.

    >>> page_posts(b'{"data": [{"id": "1", "text": "a"}], "meta": {}}')
    [b'{"data":{"id":"1","text":"a"}}']
    """
    try:
        page = load(value)
    except NotJson:
        return None
    if not isinstance(page, dict):
        return None
    name = next((name for name in LISTS if isinstance(page.get(name), list)), None)
    if name is None:
        return None
    includes = _Includes(page)
    posts = [_post(name, item, includes) for item in page[name]]
    if posts and name == "data" and stated_error_of(page):
        posts.append({"errors": page["errors"]})
    return list(_written(posts))


def _post(name: str, item: object, includes: _Includes) -> object:
    if name != "data" or not isinstance(item, dict):
        return item if isinstance(item, dict) else {"data": item}
    joined = includes.of(item)
    return {"data": item, "includes": joined} if joined else {"data": item}


def _written(posts: list[object]) -> Iterator[bytes]:
    for post in posts:
        try:
            yield dump(post)
        except ValueError:  # nested too deeply for a post; its line is told as a dead letter's
            yield b'{"data":null}'


class _Includes:
    """What the posts of a page refer to, each once for the whole page."""

    def __init__(self, page: Payload) -> None:
        self._by_key: dict[str, dict[str, Payload]] = {}
        for name, key in _KEYS.items():
            listed = objects(mapping(page.get("includes")).get(name))
            self._by_key[name] = {one[key]: one for one in listed if isinstance(one.get(key), str)}
        self._empty = not any(self._by_key.values())

    def of(self, post: Payload) -> dict[str, list[Payload]]:
        """The page's includes that one post, or a post that it refers to, names."""
        if self._empty:
            return {}
        found: dict[str, dict[str, Payload]] = {name: {} for name in _KEYS}
        level = [post]
        for _ in range(_DEEPEST):
            wanted = {one for each in level for one in _references(each)}
            level = []
            for name, known in self._by_key.items():
                new = {key: known[key] for key in wanted if key in known and key not in found[name]}
                found[name] |= new
                level += new.values()
            if not level:
                break
        return {name: list(those.values()) for name, those in found.items() if those}


def _references(value: object, depth: int = 0) -> Iterator[str]:
    """The ids and keys that an object names in the fields which refer to others."""
    if depth > 6:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _REFERENCES:
                listed = inner if isinstance(inner, list) else [inner]
                yield from (one for one in listed if isinstance(one, str))
            if isinstance(inner, (dict, list)):
                yield from _references(inner, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one, depth + 1)
