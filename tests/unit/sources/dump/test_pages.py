"""Pages of posts a line: read as their posts, each with what it refers to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.posts.parse import parse_post
from include.sources.dump.pages import page_posts
from include.sources.dump.source import DumpSource

LONG = "the whole text, which X cuts in a repost: deep learning https://t.co/bbbbbbbbbb"
PAGE: dict[str, Any] = {
    "data": [
        {"id": "1", "text": "a picture", "author_id": "7", "attachments": {"media_keys": ["3_1"]}},
        {
            "id": "2",
            "text": "RT @u: the whole text, which…",
            "author_id": "8",
            "referenced_tweets": [{"type": "retweeted", "id": "20"}],
        },
        {"id": "3", "text": "alone"},
    ],
    "includes": {
        "users": [{"id": "7"}, {"id": "8", "username": "b"}, {"id": "9"}],
        "tweets": [
            {
                "id": "20",
                "text": LONG,
                "author_id": "9",
                "referenced_tweets": [{"type": "quoted", "id": "21"}],
            },
            {
                "id": "21",
                "text": "quoted https://t.co/cccccccccc",
                "entities": {
                    "urls": [{"url": "https://t.co/cccccccccc", "expanded_url": "https://c.example/"}]
                },
            },
            {"id": "22", "text": "of nobody here"},
        ],
        "media": [
            {"media_key": "3_1", "url": "https://pbs.twimg.com/m.jpg"},
            {"media_key": "3_2", "url": "u"},
        ],
    },
    "meta": {"result_count": 3},
    "__twarc": {"version": "2.13.0"},
}


def posts_of(page: Any) -> list[Any]:
    found = page_posts(json.dumps(page).encode())
    assert found is not None
    return [json.loads(one) for one in found]


def test_each_post_brings_what_it_refers_to_and_nothing_more() -> None:
    picture, repost, alone = posts_of(PAGE)
    assert {name: len(those) for name, those in picture["includes"].items()} == {"users": 1, "media": 1}
    assert [user["id"] for user in repost["includes"]["users"]] == ["8", "9"]
    assert [post["id"] for post in repost["includes"]["tweets"]] == ["20", "21"]
    assert alone == {"data": PAGE["data"][2]}


def test_a_dump_of_pages_is_its_posts(tmp_path, settings) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(PAGE) + "\n" + json.dumps({"data": PAGE["data"][:1]}))
    raw = list(DumpSource(settings, tmp_path / "a.jsonl").posts())
    assert [post.key for post in raw] == [b"1", b"2", b"3", b"1"]
    picture, repost, _, _ = (parse_post(post.value) for post in raw)
    assert picture.media == ("https://pbs.twimg.com/m.jpg",)
    assert (repost.text, repost.is_retweet) == (LONG, True)
    assert repost.links == ("https://t.co/bbbbbbbbbb", "https://c.example/")


def test_pages_of_other_interfaces(tmp_path, settings) -> None:
    v1 = {"id_str": "4", "text": "v1", "entities": {}}
    bluesky = {"uri": "at://did:plc:a/app.bsky.feed.post/3k", "record": {"text": "sky"}}
    pages = [
        {"statuses": [v1], "search_metadata": {}},
        {"results": [v1, v1], "next": "x"},
        {"posts": [bluesky], "cursor": "x"},
        {"data": [{"id": "5", "text": "half \ud83d"}]},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, pages)))
    posts = [parse_post(post.value) for post in DumpSource(settings, tmp_path / "a.jsonl").posts()]
    assert [post.text for post in posts] == ["v1", "v1", "v1", "sky", "half \ufffd"]


def test_a_page_larger_than_a_message_is_read(tmp_path, settings) -> None:
    big = {"data": [{"id": str(number), "text": "x" * 20_000} for number in range(100)]}
    (tmp_path / "a.jsonl").write_text(json.dumps(big))
    assert sum(1 for _ in DumpSource(settings, tmp_path / "a.jsonl").posts()) == 100


def test_what_is_no_post_in_a_page_is_a_dead_letter_of_its_own(tmp_path, settings) -> None:
    problem = {"title": "operational-disconnect", "detail": "gone"}
    missing = {"title": "Not Found Error", "resource_type": "tweet", "resource_id": "9"}
    page = {"data": [PAGE["data"][2], 17, {"id": "6"}, problem], "errors": [missing, problem]}
    (tmp_path / "a.jsonl").write_text(json.dumps(page))
    raw = list(DumpSource(settings, tmp_path / "a.jsonl").posts())
    assert [post.key for post in raw] == [b"3", None, None, None, None]
    only_missing = posts_of({"data": [PAGE["data"][2]], "errors": [missing]})
    assert only_missing == [{"data": PAGE["data"][2]}]


@pytest.mark.parametrize(
    "value",
    [b"{", b"[]", b'{"id": "1"}', b'{"data": {"id": "1"}}', b'{"data": null}', b'{"posts": 3}', b"\xff"],
)
def test_what_is_no_page(value: bytes) -> None:
    assert page_posts(value) is None


def test_endless_references_end() -> None:
    tweets = [{"id": str(n), "text": "x", "referenced_tweets": [{"id": str(n + 1)}]} for n in range(1, 500)]
    deep: Any = {"id": "1"}
    for _ in range(300):
        deep = {"x": [deep]}
    page = {"data": [{"id": "0", "text": "a", "referenced_tweets": [{"id": "1"}], "deep": deep}]}
    (post,) = posts_of(page | {"includes": {"tweets": tweets}})
    assert len(post["includes"]["tweets"]) == 4
