"""The producer on a real broker: each message is confirmed, and what is not is an error."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition

from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import make_consumer
from include.infra.processes.ports import free_ports
from include.settings import Settings, get_settings
from include.workloads.sentiment.producer import main
from tests.support.sentiment.services import own_settings

pytestmark = pytest.mark.stack


@pytest.fixture
def topic(kafka: Settings) -> Iterator[str]:
    name = f"sentiment_{uuid.uuid4().hex}"
    with own_settings(topic=name):
        yield name


def messages(settings: Settings, topic: str) -> list[tuple[str, str]]:
    """Keys and texts."""
    highs = Broker(settings).highs([topic])[topic]
    consumer = make_consumer(settings, {"group.id": "test"})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in highs])
    found: list[tuple[str, str]] = []
    while len(found) < sum(highs.values()):
        for one in consumer.consume(1_000, 10):
            found.append(((one.key() or b"").decode(), json.loads(one.value() or b"")["data"]))
    consumer.close()
    return found


def test_made_up_messages_have_a_uuid_each(
    kafka: Settings, topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--rate", "0", "--count", "50"]) == 0
    assert capsys.readouterr().out == "delivered 50 messages\n"
    found = messages(kafka, topic)
    assert len({uuid.UUID(key) for key, _ in found}) == len({text for _, text in found}) == 50


def test_a_files_lines_are_texts_or_messages(kafka: Settings, topic: str, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text('one "text"\n\n{"data": "a message", "more": 1}\n{no message\n', encoding="utf-8")
    assert main(["--rate", "1000", "--file", str(file)]) == 0
    assert sorted(text for _, text in messages(kafka, topic)) == ["a message", 'one "text"', "{no message"]


def test_a_broker_that_does_not_answer_is_told(
    monkeypatch: pytest.MonkeyPatch, topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv("TWEETSIEVE_KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{port}")
    get_settings.cache_clear()
    assert main(["--count", "1"]) == 1
    assert f"127.0.0.1:{port}" in capsys.readouterr().err
    monkeypatch.undo()
    get_settings.cache_clear()
