"""X's filtered stream, read from the replay server, and the feed."""

from __future__ import annotations

import logging
import signal

import pytest

from include.infra.kafka.admin import Broker
from include.posts.parse import parse_post
from include.posts.post import PostError
from include.sources.publish import make_producer, publish
from include.sources.x.rules import desired_rules
from include.sources.x.stream import XSource
from tests.support.replay import consume, eventually, program, replay

pytestmark = pytest.mark.stack


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
