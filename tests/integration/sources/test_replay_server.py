"""The replay server answers as X does."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest

from include.posts.parse import parse_post
from tests.support.replay import program, replay

pytestmark = pytest.mark.stack


def test_replay_answers_like_x(own) -> None:
    with replay(own, "--rate", "0", "--keep-alive", "0.5") as client:
        rules, stream = "/2/tweets/search/stream/rules", "/2/tweets/search/stream"
        assert client.get(rules, headers={"Authorization": ""}).status_code == 401
        assert client.get(stream).status_code == 409
        foreign = client.get(rules, headers={"Host": "evil.example"})
        assert foreign.status_code == 421
        assert "TWEETSIEVE_ALLOWED_HOSTS" in foreign.json()["detail"]
        assert client.post(rules, content=b"junk").status_code == 400
        assert client.post(rules, json={"add": [{"value": "x" * 1025}]}).status_code == 400
        added = client.post(rules, json={"add": [{"value": "ai", "tag": "ai:1"}]})
        assert added.status_code == 201
        assert client.get(rules).json()["data"] == added.json()["data"]
        with client.stream("GET", stream) as response:
            assert client.get(stream).status_code == 429
            lines = response.iter_lines()
            payload = json.loads(next(lines))
        assert payload["matching_rules"] == [{"id": added.json()["data"][0]["id"], "tag": "ai:1"}]
        assert parse_post(json.dumps(payload)).source_kind == "x_v2"
        ids = [rule["id"] for rule in client.get(rules).json()["data"]]
        assert client.post(rules, json={"delete": {"ids": ids}}).json()["meta"]["summary"]["deleted"] == 1


def test_replay_of_a_dump_in_loops(own, tmp_path) -> None:
    rows = [
        {
            "id_str": "1",
            "text": "AI " + "long " * 80,
            "entities": {"urls": [{"expanded_url": "https://a.example/1"}]},
        },
        {
            "id_str": "2",
            "text": "RT",
            "retweeted_status": {"id_str": "3", "text": "AI again https://t.co/abcdefghij"},
        },
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with replay(own, "--source", str(tmp_path / "a.jsonl"), "--loops", "2", "--rate", "0") as client:
        client.post("/2/tweets/search/stream/rules", json={"add": [{"value": "ai", "tag": "ai:1"}]})
        with client.stream("GET", "/2/tweets/search/stream") as response:
            lines = response.iter_lines()
            posts = [parse_post(next(lines)) for _ in range(4)]
    assert [post.id for post in posts] == ["1", "2", "2", "3"]
    assert posts[0].text == rows[0]["text"]
    assert posts[0].links == ("https://a.example/1",)
    assert (posts[1].is_retweet, posts[1].links) == (True, ("https://t.co/abcdefghij",))


def test_half_an_emoji_in_a_dump_is_sent_as_it_came(own, tmp_path) -> None:
    lines = [
        '{"data": {"id": "1", "text": "AI one"}}',
        '{"data": {"id": "2", "text": "AI two \\ud83d"}}',
        '{"data": {"id": "3", "text": "AI three"}}',
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    with replay(own, "--source", str(tmp_path / "a.jsonl"), "--loops", "1", "--rate", "0") as client:
        client.post("/2/tweets/search/stream/rules", json={"add": [{"value": "ai", "tag": "ai:1"}]})
        with client.stream("GET", "/2/tweets/search/stream") as response:
            sent = response.iter_lines()
            texts = [json.loads(next(sent))["data"]["text"] for _ in lines]
    assert texts == ["AI one", "AI two \ud83d", "AI three"]


def test_a_taken_port_and_a_bad_dump_end_the_replay_server(own, tmp_path) -> None:
    for options, says in [
        ((), "TWEETSIEVE_REPLAY_PORT"),
        (("--source", str(tmp_path / "no")), "no such file"),
    ]:
        with (
            replay(own) if not options else nullcontext(),
            (tmp_path / "log").open("wb") as output,
            program("include.sources.replay", *options, settings=own, output=output) as server,
        ):
            assert server.wait(60) == 2
        assert says in (tmp_path / "log").read_text()
