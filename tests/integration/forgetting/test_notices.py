"""Deletion notices: from a live source, and from a dump, to a post that is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from include.forgetting.forget import forget
from include.forgetting.notices import announce
from include.forgetting.request import make_request
from include.posts.deletions import Deletion
from include.settings import Settings
from include.sources.interface.source import RawPost
from include.sources.publish import make_producer, publish
from include.sources.x.topic_routing import TopicRouter
from tests.support.forgetting.posts import ID, NEEDLE, lines, original
from tests.support.forgetting.search import tables_with, topic
from tests.support.forgetting.whole_life import build_version, collect_dump, stream

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

DID = "did:plc:abcdefghijklmnopqrstuvwx"
DELETED_ON_X = {"delete": {"status": {"id": int(ID), "id_str": ID, "user_id": 783214}, "timestamp_ms": "1"}}
DELETED_ACCOUNT = {
    "did": DID,
    "kind": "account",
    "account": {"active": False, "did": DID, "status": "deleted"},
}
ON_BLUESKY = {
    "did": DID, "time_us": 1_700_000_000_000_000, "kind": "commit",
    "commit": {
        "operation": "create", "collection": "app.bsky.feed.post", "rkey": "3kabc",
        "record": {"text": "a wombat and machine learning", "createdAt": "2024-01-01T00:00:00Z"},
    },
}  # fmt: skip


class Lines:
    """A live source whose stream says these lines, routed as X's are."""

    kind, live = "x", True

    def __init__(self, settings: Settings, *messages: dict[str, Any]) -> None:
        self._router = TopicRouter(settings)
        self._messages = messages
        self.stopped = threading.Event()

    def posts(self) -> Iterator[RawPost]:
        return map(self._router.raw_post, map(orjson.dumps, self._messages))

    def fingerprint(self) -> str:
        return "x:test"

    def parameters(self) -> dict[str, Any]:
        return {}


def test_a_notice_in_the_live_stream(own: Settings) -> None:
    publish(Lines(own, original()), make_producer(own), own)
    stream(own, 0)
    assert tables_with(own, NEEDLE) == {"ai_tweets": 1, "repost_card": 1}
    report = publish(Lines(own, DELETED_ON_X, original()), make_producer(own), own)
    assert (sum(report.posts.values()), report.notices) == (1, 1)
    receipt = forget(make_request(by="the schedule"), own)
    assert (receipt.posts, receipt.places["results and links"].removed) == (1, 2)
    assert tables_with(own, NEEDLE) == {}
    assert stream(own, 1)["forgotten"] == 2, "it comes twice in the topic, and not into the table"
    assert tables_with(own, NEEDLE) == {}
    told = topic(own, own.forgotten_topic)
    assert {key for key, _ in told} == {f"post:{ID}".encode()}
    assert NEEDLE.encode() not in b"".join(value or b"" for _, value in told)
    assert str(forget(make_request(by="the schedule"), own)) == "nothing is to be forgotten"


def test_a_deleted_account_in_a_dump_of_events(own: Settings) -> None:
    dump = own.state_dir / "events.jsonl"
    dump.parent.mkdir(parents=True)
    dump.write_bytes(orjson.dumps(ON_BLUESKY) + b"\n" + orjson.dumps(DELETED_ACCOUNT) + b"\n")
    assert sum(collect_dump(own, 1, dump)["posts"].values()) == 1
    build_version(own, 1)
    assert tables_with(own, "wombat")
    receipt = forget(make_request(by="the schedule"), own)
    assert (receipt.posts, receipt.authors) == (1, 1)
    assert tables_with(own, "wombat") == {}
    assert stream(own, 0)["forgotten"] == 1


def test_what_others_write_into_the_topic_does_no_harm(own: Settings) -> None:
    announce(own, [Deletion("post", ID)], "by another program")
    producer = make_producer(own)
    for value in (b"", b"{", b"[]", b'{"kind": "post", "id": "%"}', b'{"kind": "all", "id": "1"}', None):
        producer.produce(own.forgotten_topic, value, b"k")
    producer.flush(30)
    assert forget(make_request(by="the schedule"), own).posts == 1


def test_a_version_that_is_collected_without_it_says_so(own: Settings) -> None:
    forget(make_request(ids=ID, by="ann"), own)
    dump = own.state_dir / "posts.jsonl"
    dump.write_bytes(lines())
    assert sum(collect_dump(own, 1, dump)["posts"].values()) == 5
    build_version(own, 1)
    assert "raw_tweet_dataset_1" not in tables_with(own, NEEDLE), "nor does its repost come in"
