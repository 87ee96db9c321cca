"""The 950 real v1.1 payloads: all parse, and links come out of every place that has them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator

import pytest

from include.posts.parse import parse_post

SELF = re.compile(r"https?://(?:[a-z]+\.)?twitter\.com/(?:\w+/status|i)/")


@pytest.fixture(scope="module")
def payloads(real_data) -> list[bytes]:
    with gzip.open(real_data / "tweets" / "stream_v1.1.jsonl.gz") as lines:
        return list(lines)


def listed(node: dict) -> Iterator[str]:
    """Every expanded URL anywhere in a payload: the reference, told by no rule of ours."""
    for key, value in node.items():
        if key == "expanded_url":
            yield value
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from listed(inner)


def test_links_of_every_place(payloads: list[bytes]) -> None:
    """A reading of the top level alone finds 58 of the 194 posts that carry an external link."""
    posts = [parse_post(raw) for raw in payloads]
    objects = [json.loads(raw) for raw in payloads]
    expected = [{url for url in listed(payload) if not SELF.match(url)} for payload in objects]
    assert [bool(post.links) for post in posts] == [bool(urls) for urls in expected]
    naive = sum(
        any(not SELF.match(url["expanded_url"]) for url in payload["entities"]["urls"]) for payload in objects
    )
    found = sum(bool(post.links) for post in posts)
    print(f"{len(posts)} payloads, links in {found}, naive top-level reading: {naive}")
    assert (len(posts), found) == (950, 194)
    assert naive < found / 2


def test_texts_are_whole(payloads: list[bytes]) -> None:
    posts = [parse_post(raw) for raw in payloads]
    assert not [post.text for post in posts if post.text.startswith("RT @")]
    assert sum(post.is_retweet for post in posts) == 622
    assert all(post.created_at and post.source_kind == "x_v1" for post in posts)
    cut = [post for post in posts if re.search(r"… https://t\.co/\w+$", post.text)]
    assert len(cut) < 5
