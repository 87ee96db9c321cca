"""Whatever comes in: a post of the declared types, or a PostError with a stable reason."""

from __future__ import annotations

import copy
import json
import random
import re
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from include.posts.parse import parse_post
from include.posts.post import Post, PostError

REASONS = {"too large", "not UTF-8", "not JSON", "not an object", "not a post", "no id", "bad id", "no text"}
FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


def check(post: Post) -> None:
    """The declared types, and no character that Postgres refuses."""
    assert [type(getattr(post, name)) for name in ("id", "text", "source_kind")] == [str] * 3
    assert post.id
    assert post.text
    assert post.source_kind in ("x_v1", "x_v2", "bluesky", "plain")
    assert type(post.is_retweet) is bool
    assert post.created_at is None or (type(post.created_at) is datetime and post.created_at.tzinfo is UTC)
    assert all(value is None or type(value) is str for value in (post.source, post.lang))
    for group in (post.links, post.media, post.hashtags):
        assert type(group) is tuple
        assert all(type(item) is str and item for item in group)
    for field in fields(post):
        value = getattr(post, field.name)
        for text in value if isinstance(value, tuple) else [value]:
            assert not (isinstance(text, str) and FORBIDDEN.search(text)), field.name


def outcome(raw: bytes | str) -> str:
    try:
        post = parse_post(raw)
    except PostError as error:
        return error.reason
    check(post)
    return "post"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "not JSON"),
        (b" ", "not JSON"),
        (b"\x00", "not JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b'{"id_str": "1", "text": "\xff"}', "not UTF-8"),
        (b'{"id_str": "1", "text": "cut', "not JSON"),
        (b'{"id_str": "1", "text": NaN}', "not JSON"),
        (b"null", "not an object"),
        (b"[]", "not an object"),
        (b'"text"', "not an object"),
        (b"17", "not an object"),
        (b"{}", "no id"),
        (b'{"id_str": "1"}', "no text"),
        (b'{"id_str": "1", "text": ""}', "no text"),
        (b'{"id_str": "1", "text": " \\n"}', "no text"),
        (b'{"id_str": "1", "text": "\\u0000"}', "no text"),
        (b'{"id_str": "\\u0000", "text": "a"}', "no id"),
        (b'{"text": "a"}', "no id"),
        (b'{"id": true, "text": "a"}', "no id"),
        (b'{"id": 1.5, "text": "a"}', "no id"),
        (b'{"id": null, "id_str": [], "text": "a"}', "no id"),
        (b'{"id_str": "1", "text": {"a": 1}}', "no text"),
        (b'{"id_str": "' + b"1" * 300 + b'", "text": "a"}', "bad id"),
        (b'{"id": ' + b"9" * 30 + b', "text": "a"}', "no id"),
        (b'{"id": ' + b"9" * 6000 + b', "text": "a"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id_str":"1","text":"a","x":' + b"[" * 500 + b"]" * 500 + b"}", "post"),
        (b'{"id_str":"1","text":"\\ud800","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not JSON"),
        (b'{"data": null}', "not a post"),
        (b'{"errors": [{"title": "operational-disconnect"}]}', "source error"),
        (b'{"id_str": "1", "text": "a", "status": "Failed"}', "source error"),
        (b'{"id_str": "1", "text": "a", "status": {"code": "error"}, "error": 7}', "post"),
        (b'{"disconnect": {"code": 4, "reason": "bye"}}', "source error"),
        (b'{"error": {"code": 429}}', "source error"),
        (b'{"id_str": "1", "text": "a", "error": "none"}', "post"),
        (b'{"delete": {"status": {"id": 1}}}', "not a post"),
        (b'{"id_str": "1", "text": "' + b"a" * 1_000_000 + b'"}', "too large"),
        ('{"id_str": "1", "text": "' + "a" * 150_000 + '"}', "too large"),
        (b"\xef\xbb\xbf" + b'{"id_str": "1", "text": "a"}', "post"),
        ('{"id_str": "1", "text": "\ud800 raw surrogate"}', "post"),
    ],
    ids=range(40),
)
def test_hostile_input(raw: bytes | str, expected: str) -> None:
    assert outcome(raw) == expected


def test_nul_and_lone_surrogates_never_get_through() -> None:
    evil = "a\x00b\ud83d"
    raw = json.dumps(
        {
            "id_str": evil,
            "text": evil + " #t\x00ag https://a.example/\x00",
            "lang": evil,
            "source": f"<a>{evil}</a>",
            "entities": {
                "hashtags": [{"text": evil}],
                "urls": [{"url": evil, "expanded_url": "https://a.example/" + evil}],
                "media": [{"media_url_https": evil}],
            },
        }
    )
    post = parse_post(raw)
    check(post)
    assert post.id == "ab\ufffd"
    assert post.hashtags == ("ab\ufffd",)


SEEDS = [
    {
        "id_str": "1",
        "created_at": "Sun Apr 05 10:46:44 +0000 2020",
        "text": "a https://t.co/abcdefghij",
        "source": "<a>x</a>",
        "lang": "en",
        "entities": {"urls": [{"url": "https://t.co/abcdefghij", "expanded_url": "https://a.example"}]},
        "extended_tweet": {"full_text": "b", "entities": {"media": [{"media_url_https": "https://m"}]}},
        "retweeted_status": {"id_str": "2", "text": "c", "quoted_status": {"id": 3, "text": "d"}},
    },
    {
        "data": {
            "id": "1",
            "text": "a",
            "created_at": "2026-01-02T03:04:05.000Z",
            "entities": {"urls": [{"url": "u", "expanded_url": "https://a.example", "unwound_url": "v"}]},
            "note_tweet": {"text": "n", "entities": {"hashtags": [{"tag": "AI"}]}},
            "referenced_tweets": [{"type": "retweeted", "id": "2"}],
            "attachments": {"media_keys": ["k"]},
        },
        "includes": {"tweets": [{"id": "2", "text": "r"}], "media": [{"media_key": "k", "url": "m"}]},
    },
    {
        "did": "did:plc:a",
        "time_us": 1586083604000000,
        "commit": {
            "operation": "create",
            "collection": "app.bsky.feed.post",
            "rkey": "3k",
            "record": {
                "text": "t",
                "langs": ["en"],
                "facets": [{"features": [{"uri": "https://a.example", "tag": "x"}]}],
                "embed": {
                    "external": {"uri": "https://b.example"},
                    "images": [{"image": {"ref": {"$link": "b"}}}],
                },
            },
        },
    },
    {"id_str": "1", "text": "plain https://t.co/abcdefghij"},
]
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    10**18,
    1.5,
    "",
    " ",
    "\x00",
    "\ud800",
    "http://[",
    "x" * 300,
    [],
    [None],
    [[]],
    {},
    {"a": 1},
    ["a", {}],
]


def places(value: object) -> list[tuple[object, object]]:
    """Every (container, key) of a nested value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [place for key, inner in list(items) for place in [(value, key), *places(inner)]]


@pytest.mark.parametrize("seed", range(12))
def test_mutated_payloads_give_a_post_or_a_reason(seed: int) -> None:
    """Random wrong types at random places, moved branches, cut and flipped bytes."""
    rng = random.Random(seed)
    outcomes = set()
    for _ in range(250):
        payload = copy.deepcopy(rng.choice(SEEDS))
        for _ in range(rng.randint(1, 4)):
            container, key = rng.choice(places(payload) or [(payload, "id")])
            donor, branch = rng.choice(places(rng.choice(SEEDS)))
            container[key] = copy.deepcopy(rng.choice([rng.choice(ODD), donor[branch]]))  # type: ignore[index]
        raw = json.dumps(payload).encode()
        if rng.random() < 0.2:
            cut = rng.randrange(len(raw))
            raw = rng.choice([raw[:cut], raw[:cut] + bytes([rng.randrange(256)]) + raw[cut + 1 :]])
        outcomes.add(outcome(raw))
    assert outcomes <= {"post", *REASONS}
    assert "post" in outcomes
    assert len(outcomes) > 2
