"""Which messages are deletion notices, and of what."""

from __future__ import annotations

import json

import pytest

from include.posts.deletions import Deletion, deletion_in

DID = "did:plc:abcdefghijklmnopqrstuvwx"
COMMIT = {"operation": "delete", "collection": "app.bsky.feed.post", "rkey": "3kabc"}

NOTICES = [
    ({"delete": {"status": {"id": 12, "user_id": 3}, "timestamp_ms": "1"}}, Deletion("post", "12")),
    (
        {"data": {"delete": {"event_at": "t", "tweet": {"id": "12", "author_id": "3"}}}},
        Deletion("post", "12"),
    ),
    ({"data": {"tweet_delete": {"tweet": {"id": "12"}}}}, Deletion("post", "12")),
    ({"data": {"drop": {"tweet": {"id": "12"}}}}, Deletion("post", "12")),
    ({"user_delete": {"id": 3, "timestamp_ms": 1}}, Deletion("author", "3")),
    ({"data": {"user_protect": {"user": {"id": "3"}}}}, Deletion("author", "3")),
    ({"data": {"user_suspend": {"user": {"id": "3"}}}}, Deletion("author", "3")),
    ({"id": "12", "action": "delete", "reason": "deleted", "created_at": "t"}, Deletion("post", "12")),
    (
        {"did": DID, "kind": "commit", "commit": COMMIT},
        Deletion("post", f"at://{DID}/app.bsky.feed.post/3kabc"),
    ),
    (
        {"did": DID, "kind": "account", "account": {"active": False, "status": "deleted"}},
        Deletion("author", DID),
    ),
    ({"did": DID, "account": {"active": False, "status": "takendown"}}, Deletion("author", DID)),
]
OTHERS = [
    {"delete": {"favorite": {"tweet_id": 12}}},
    {"delete": {"status": {"id": 1.2e18}}},
    {"delete": {"status": {"id_str": "12; DROP TABLE forgotten"}}},
    {"delete": {}}, {"delete": None}, {"data": []}, {"delete": {"status": [1]}},
    {"scrub_geo": {"user_id": 3, "up_to_status_id": 12}},
    {"status_withheld": {"id": 12, "user_id": 3, "withheld_in_countries": ["DE"]}},
    {"data": {"user_undelete": {"user": {"id": "3"}}}},
    {"data": {"user_unsuspend": {"user": {"id": "3"}}}},
    {"id": "12", "action": "delete", "reason": "deleted", "text": "a post that says so"},
    {"id": "12", "action": "delete", "reason": "because"},
    {"did": DID, "commit": COMMIT | {"operation": "create"}},
    {"did": DID, "commit": COMMIT | {"collection": "app.bsky.feed.like"}},
    {"did": DID, "account": {"active": True, "status": "deleted"}},
    {"did": DID, "account": {"active": False, "status": "deactivated"}},
    {"id_str": "12", "text": "please delete this"},
]  # fmt: skip


@pytest.mark.parametrize(("message", "deletion"), NOTICES)
def test_a_notice(message: dict[str, object], deletion: Deletion) -> None:
    assert deletion_in(json.dumps(message).encode()) == deletion


@pytest.mark.parametrize("message", OTHERS)
def test_another_message(message: dict[str, object]) -> None:
    assert deletion_in(json.dumps(message).encode()) is None


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 100_000])
def test_what_is_no_message(raw: bytes) -> None:
    assert deletion_in(raw) is None
