"""Sources against real servers: the replay server, Kafka, and PostgreSQL."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import IO

import httpx
import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition

from include.infra.kafka.admin import Broker, BrokerUnavailable
from include.infra.processes.ports import free_ports
from include.posts.parse import parse_post
from include.posts.post import PostError
from include.settings import PROJECT_ROOT, Settings
from include.sources.base import SourceError
from include.sources.collect import CollectionError, collect, collect_version
from include.sources.dump.source import DumpSource
from include.sources.publish import PublishReport, make_producer, publish
from include.sources.synthetic.source import SyntheticSource
from include.sources.x.rules import desired_rules
from include.sources.x.stream import XSource

pytestmark = pytest.mark.stack


def eventually(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


@contextmanager
def program(
    *arguments: str, settings: Settings, output: IO[bytes] | int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen]:
    """A program of ours, ended by SIGTERM."""
    environment = dict(os.environ) | {"TWEETSIEVE_REPLAY_PORT": str(settings.replay_port)}
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(20)


@contextmanager
def replay(settings: Settings, *options: str) -> Iterator[httpx.Client]:
    """A replay server of its own, and a client of it with a token."""
    with program("include.sources.replay", *options, settings=settings):
        url = f"http://127.0.0.1:{settings.replay_port}"
        with httpx.Client(base_url=url, headers={"Authorization": "Bearer t"}, trust_env=False) as client:

            def answers() -> bool:
                try:
                    return client.get("/status").status_code == 200
                except httpx.TransportError:
                    return False

            eventually(answers)
            yield client


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings with topics and a replay port that no other test uses."""
    port, mark = free_ports(1)[0], time.time_ns()
    return settings.model_copy(
        update={
            "replay_port": port,
            "ai_topic": f"ai_{mark}",
            "mix_topic": f"mix_{mark}",
            "kafka_partitions": 2,
        }
    )


def consume(settings: Settings, report: PublishReport, topic: str) -> list[tuple[bytes | None, bytes]]:
    """What the report's positions of a topic hold."""
    consumer = Consumer(
        {"bootstrap.servers": settings.kafka_bootstrap, "group.id": "test", "enable.partition.eof": False}
    )
    found = []
    for partition, end in report.end_offsets[topic].items():
        start = report.start_offsets[topic][partition]
        consumer.assign([TopicPartition(topic, partition, start)])
        while start < end:
            message = consumer.poll(10)
            assert message is not None
            assert message.error() is None
            found.append((message.key(), message.value()))
            start = message.offset() + 1
    consumer.close()
    return found


def test_publish_keeps_every_post_and_says_where(kafka, own) -> None:
    source = SyntheticSource(own, posts=600, seed=5)
    report = publish(source, make_producer(own), own)
    assert report.posts == {own.ai_topic: 300, own.mix_topic: 300}
    expected = {(post.topic, post.key, post.value) for post in source.posts()}
    found = {(t, k, v) for t in report.posts for k, v in consume(own, report, t)}
    assert found == expected
    again = publish(source, make_producer(own), own, limit=10)
    assert again.start_offsets == report.end_offsets
    assert sum(again.posts.values()) == 10


def test_no_broker_is_an_error_within_15_seconds(settings) -> None:
    lost = settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{free_ports(1)[0]}"})
    started = time.monotonic()
    with pytest.raises(BrokerUnavailable, match=f"{lost.kafka_bootstrap}.*make up"):
        publish(SyntheticSource(lost, posts=10), make_producer(lost), lost)
    assert time.monotonic() - started < 15


def test_a_broken_dump_publishes_nothing(kafka, own, tmp_path) -> None:
    lines = [json.dumps({"id_str": str(n), "text": "fine"}) for n in range(100)]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, "{cut"]))
    before = publish(SyntheticSource(own, posts=2), make_producer(own), own)
    with pytest.raises(SourceError, match=r"a\.jsonl, line 101"):
        publish(DumpSource(own, tmp_path / "a.jsonl"), make_producer(own), own)
    after = publish(SyntheticSource(own, posts=2), make_producer(own), own)
    assert after.start_offsets == before.end_offsets


@pytest.fixture
def version(database) -> Iterator[int]:
    """A version's number that no other test uses."""
    number = 500_000 + time.time_ns() // 1_000 % 499_999
    yield number
    from include.infra.postgres.connection import connect

    with connect(database) as connection:
        connection.execute("DELETE FROM collection WHERE version = %s", [number])


def row(connection: psycopg.Connection, version: int) -> tuple | None:
    return connection.execute(
        "SELECT source, start_offsets, end_offsets, posts, completed_at FROM collection WHERE version = %s",
        [version],
    ).fetchone()


def test_a_version_is_collected_once(kafka, own, connection, version, tmp_path) -> None:
    first = collect_version(version, "synthetic", posts=100, settings=own)
    assert (first["status"], sum(first["posts"].values())) == ("published", 100)
    recorded = row(connection, version)
    assert recorded is not None
    connection.rollback()
    second = collect_version(version, "synthetic", posts=100, settings=own)
    assert second == first | {"status": "unchanged"}
    assert row(connection, version) == recorded
    (tmp_path / "a.jsonl").write_text('{"id_str": "1", "text": "a"}')
    with pytest.raises(CollectionError, match=rf"version {version} .*synthetic.*dump.*clean_dataset"):
        collect_version(version, "dump", path=str(tmp_path / "a.jsonl"), settings=own)


def test_a_version_that_kafka_has_lost_is_published_anew(kafka, own, connection, version) -> None:
    from confluent_kafka.admin import AdminClient

    source = SyntheticSource(own, posts=50, seed=1)
    collect(version, source, own)
    admin = AdminClient({"bootstrap.servers": own.kafka_bootstrap})
    for deleted in admin.delete_topics([own.ai_topic, own.mix_topic]).values():
        deleted.result()
    eventually(lambda: own.ai_topic not in admin.list_topics(timeout=10).topics)
    assert collect(version, source, own)["status"] == "republished"


def test_a_half_finished_collection_leaves_no_record(kafka, own, connection, version) -> None:
    class Breaks(SyntheticSource):
        def posts(self):  # type: ignore[no-untyped-def]
            for number, post in enumerate(super().posts()):
                if number == 30:
                    raise SourceError("the cable fell out")
                yield post

    with pytest.raises(SourceError):
        collect(version, Breaks(own, posts=50, seed=1), own)
    assert row(connection, version) is None
    connection.rollback()
    assert collect(version, SyntheticSource(own, posts=50, seed=1), own)["status"] == "published"
    assert row(connection, version)[3] == {own.ai_topic: 25, own.mix_topic: 25}  # type: ignore[index]


def test_two_runs_do_not_collect_one_version(kafka, own, version) -> None:
    entered, leave = threading.Event(), threading.Event()

    class Waits(SyntheticSource):
        def posts(self):  # type: ignore[no-untyped-def]
            entered.set()
            assert leave.wait(30)
            yield from super().posts()

    thread = threading.Thread(target=collect, args=(version, Waits(own, posts=10, seed=1), own))
    thread.start()
    try:
        assert entered.wait(30)
        with pytest.raises(CollectionError, match="by another run"):
            collect(version, SyntheticSource(own, posts=10, seed=1), own)
    finally:
        leave.set()
        thread.join(30)


def test_replay_answers_like_x(own) -> None:
    with replay(own, "--rate", "0", "--keep-alive", "0.5") as client:
        rules, stream = "/2/tweets/search/stream/rules", "/2/tweets/search/stream"
        assert client.get(rules, headers={"Authorization": ""}).status_code == 401
        assert client.get(stream).status_code == 409
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


def test_the_x_client_survives_what_x_does(kafka, own, caplog) -> None:
    """Malformed lines, missing tags, disconnects every 40 posts; all of it arrives in Kafka."""
    caplog.set_level(logging.DEBUG)
    misbehave = ("--malformed", "0.1", "--untagged", "0.2", "--disconnect-every", "40", "--rate", "400")
    with replay(own, *misbehave, "--seed", "3") as client:
        client.post(
            "/2/tweets/search/stream/rules",
            json={
                "add": [{"value": "stale words", "tag": "ai:99"}, {"value": "cats", "tag": "somebody else"}]
            },
        )
        source = XSource.replay(own)
        report = publish(source, make_producer(own), own, limit=300, seconds=600)
        status = client.get("/status").json()
        present = {
            (rule["value"], rule["tag"])
            for rule in client.get("/2/tweets/search/stream/rules").json()["data"]
        }
    assert sum(report.posts.values()) == 300
    assert status["connects"] >= 4
    assert present == {*desired_rules(), ("cats", "somebody else")}
    dead = 0
    for topic in report.posts:
        for key, value in consume(own, report, topic):
            try:
                assert key == parse_post(value).id.encode()
            except PostError:
                assert (topic, key) == (own.mix_topic, None)
                dead += 1
    assert dead > 5
    assert min(report.posts.values()) > 50
    assert "operational-disconnect" in caplog.text


def test_a_refusing_server_is_waited_for_and_a_live_version_ends_in_time(
    kafka, own, database, version
) -> None:
    with replay(own, "--fail-connects", "1", "--fail-status", "503", "--rate", "50") as client:
        started = time.monotonic()
        result = collect_version(version, "replay", posts=100_000, seconds=8, settings=own)
        assert 7 < time.monotonic() - started < 300  # of 2,000 that so many posts would take
        assert sum(result["posts"].values()) > 20
        assert client.get("/status").json()["connects"] == 2


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


def test_the_feed_publishes_until_sigterm(kafka, own, tmp_path) -> None:
    topics = {"TWEETSIEVE_AI_TOPIC": own.ai_topic, "TWEETSIEVE_MIX_TOPIC": own.mix_topic}
    with pytest.MonkeyPatch.context() as patch, (tmp_path / "log").open("wb") as output:
        for name, value in topics.items():
            patch.setenv(name, value)
        with (  # the feed starts first and waits
            program("include.sources.feed", "--source", "replay", settings=own, output=output) as feed,
            replay(own, "--rate", "100") as client,
        ):
            eventually(lambda: client.get("/status").json()["delivered"] > 50, 90)
            feed.send_signal(signal.SIGTERM)
            assert feed.wait(120) == 0
    log = (tmp_path / "log").read_text()
    assert "stopped; published" in log
    assert "Bearer" not in log
    published = Broker(own).spans([own.ai_topic, own.mix_topic])
    assert sum(end for spans in published.values() for _, end in spans.values()) > 40


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
