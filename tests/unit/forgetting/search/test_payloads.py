"""Copies of a post in whatever payload holds them; and what is somebody's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.forgetting.search.payloads import GONE, Copies

ADDRESS = "at://did:plc:abc/app.bsky.feed.post/3k"
POST = {"id_str": "1", "text": "a"}
RECORD = {"text": "a"}
COPIES = Copies({"1", ADDRESS}, {"9"})

GOES = [
    POST,
    {"id": 1, "full_text": "a"},
    {"data": {"id": "1", "text": "a"}},
    {"id_str": "2", "text": "RT @b: a", "retweeted_status": POST},
    {"data": {"id": "2", "text": "RT", "referenced_tweets": [{"type": "retweeted", "id": "1"}]}},
    {"id": "2", "text": "a", "repeats": "1"},
    {"uri": ADDRESS, "record": RECORD},
    {"did": "did:plc:abc", "commit": {"rkey": "3k", "record": RECORD}},
    {"id_str": "5", "text": "b", "user": {"id_str": "9"}},
    {"id": "5", "text": "b", "author_id": "9"},
]
STAYS = [
    {"id_str": "2", "text": "b"},
    {"id": "2", "text": "an answer", "referenced_tweets": [{"type": "replied_to", "id": "1"}]},
    {"id": "2", "text": "b", "in_reply_to_status_id_str": "1", "user": {"id_str": "1"}},
    {"id": "1", "name": "a user of this number"},
    ["1"], "1", 1, None, {},
]  # fmt: skip
IN_PART = [
    ({"id": "2", "text": "b", "quoted_status": POST}, {"id": "2", "text": "b"}),
    (
        {"data": {"id": "2", "text": "b"}, "includes": {"tweets": [{"id": "1", "text": "a"}]}},
        {"data": {"id": "2", "text": "b"}, "includes": {"tweets": []}},
    ),
    ({"data": [{"id": "1", "text": "a"}, {"id": "2", "text": "b"}]}, {"data": [{"id": "2", "text": "b"}]}),
]


@pytest.mark.parametrize("payload", GOES)
def test_a_copy(payload: dict[str, Any]) -> None:
    assert COPIES.without(payload) == (GONE, True)
    assert COPIES.in_bytes(json.dumps(payload).encode())


@pytest.mark.parametrize("payload", STAYS)
def test_somebodys_own(payload: Any) -> None:
    kept, changed = COPIES.without(payload)
    assert kept is payload
    assert not changed
    assert not COPIES.in_bytes(json.dumps(payload).encode())


@pytest.mark.parametrize(("payload", "left"), IN_PART)
def test_a_part(payload: dict[str, Any], left: dict[str, Any]) -> None:
    assert COPIES.without(payload) == (left, True)


@pytest.mark.parametrize(
    "raw", [b'{"id_str": "1", "text": "cut o', b'{"uri":"at:\\/\\/did:plc:abc\\/app.bsky.feed.post\\/3k","te']
)
def test_a_broken_payload_that_names_it(raw: bytes) -> None:
    assert COPIES.in_bytes(raw)
    assert not Copies({"3"}).in_bytes(raw)
