"""Publishing to a real Kafka."""

from __future__ import annotations

import json
import time

import pytest

from include.infra.kafka.admin import BrokerUnavailable
from include.infra.processes.ports import free_ports
from include.sources.dump.source import DumpSource
from include.sources.interface.source import SourceError
from include.sources.publish import make_producer, publish
from include.sources.synthetic.source import SyntheticSource
from tests.support.replay import consume

pytestmark = pytest.mark.stack


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
