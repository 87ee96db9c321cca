"""The replay server: what was read leniently is sent, and a source that fails is seen by both sides."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.posts.parse import parse_post
from include.posts.source_errors import error_of
from include.settings import Settings
from include.sources.interface.source import RawPost, SourceError
from include.sources.replay.faults import Behaviour
from include.sources.replay.posts import source_of, stream_posts
from include.sources.replay.server import Posts, Replay, ReplayFailed

RULE = [{"value": "ai", "tag": "ai:1"}]
LINES = [
    b'{"data":{"id":"1","text":"AI one"}}',
    b'{"data":{"id":"2","text":"AI two \\ud83d"}}',
    b'\xef\xbb\xbf{"data":{"id":"3","text":"AI three"}}',
    b'{"id":"4","text":"AI \\udc00 four","edit_history_tweet_ids":["4"]}',
    b'{"data":{"id":"5","text":"AI \\ud83d five","entities":{"far":1e999,"big":' + b"9" * 40 + b"}}}",
    b'{"data":{"id":"6","text":"AI six","deep":' + b"[" * 400 + b"]" * 400 + b"}}",
    b'{"data":{"id":"7","text":"AI seven"}}',
]


class Client:
    """What the server writes to."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.lines: list[bytes] = []
        self._stop_after = stop_after
        self.replay: Replay | None = None

    async def write(self, data: bytes) -> None:
        self.lines.append(data.strip())
        if self.replay and self._stop_after == len(self.lines):
            self.replay.stopping.set()


def server(posts: Posts) -> Replay:
    replay = Replay(posts, Behaviour(rate=0), random.Random(1))
    replay.book.add(RULE, dry_run=False)
    return replay


async def delivered(replay: Replay, client: Client) -> None:
    client.replay = replay
    await asyncio.wait_for(replay._deliver(client), 5)  # type: ignore[arg-type]


def test_no_post_that_was_read_ends_the_stream(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(LINES))
    client = Client(stop_after=len(LINES))
    replay = server(stream_posts(source_of(str(tmp_path / "a.jsonl"), settings, 0), 1))
    asyncio.run(delivered(replay, client))
    assert [parse_post(line).id for line in client.lines] == list("1234567")
    assert json.loads(client.lines[1])["data"]["text"] == "AI two \ud83d"
    assert [json.loads(line)["matching_rules"][0]["tag"] for line in client.lines] == ["ai:1"] * 7
    assert replay.failure is None


def failing(error: Exception) -> Posts:
    def posts() -> Posts:
        yield from stream_posts(_OnePost(), 1)
        raise error

    return posts()


class _OnePost:
    kind, live = "one", False

    def posts(self) -> Iterator[RawPost]:
        yield RawPost("topic", b"1", LINES[0])

    def fingerprint(self) -> str:
        return ""

    def parameters(self) -> dict[str, object]:
        return {}


@pytest.mark.parametrize(
    ("error", "raised"), [(SourceError("the dump is gone"), SourceError), (KeyError("x"), ReplayFailed)]
)
def test_a_source_that_fails_is_told_to_the_client_and_ends_the_server(error, raised, caplog) -> None:
    replay, client = server(failing(error)), Client()
    asyncio.run(delivered(replay, client))
    assert parse_post(client.lines[0]).id == "1"
    assert "source failed" in (error_of(json.loads(client.lines[1])) or "")
    assert replay.stopping.is_set()
    assert type(error).__name__ in caplog.text
    with pytest.raises(raised):
        replay.raise_failure()


def test_a_payload_that_cannot_be_written_is_left_out_and_counted() -> None:
    endless: list = []
    endless.append(endless)
    post = next(stream_posts(_OnePost(), 1))
    replay = server(iter([({"data": endless}, post[1]), post]))
    client = Client(stop_after=1)
    asyncio.run(delivered(replay, client))
    assert parse_post(client.lines[0]).id == "1"
    assert replay.unsendable == 1
