"""The producer on a real broker: the right number of events, at the set rate, all with a delivery report."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pytest
from confluent_kafka import TopicPartition

from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import make_consumer
from include.settings import Settings
from include.workloads.higgs.base.events import EVENT_ID, FEATURES
from include.workloads.higgs.decoding.decoder import decode
from include.workloads.higgs.produce import main
from tests.support.higgs import ATLAS_100000

pytestmark = pytest.mark.stack


def values(settings: Settings, topic: str) -> list[bytes]:
    highs = Broker(settings).highs([topic])[topic]
    consumer = make_consumer(settings, {"group.id": "test"})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in highs])
    found: list[bytes] = []
    while len(found) < sum(highs.values()):
        found += [message.value() or b"" for message in consumer.consume(1000, 10)]
    consumer.close()
    return found


def test_made_up_events_come_at_the_set_rate_and_each_has_a_report(
    kafka: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWEETSIEVE_HIGGS_TOPIC", "higgs_made_up")
    began = time.monotonic()
    assert main(["--events", "300", "--rate", "200"]) == 0
    assert time.monotonic() - began > 299 / 200 - 0.1
    assert "300 events sent, 300 delivered, 0 failed" in capsys.readouterr().out
    found = decode(pa.array(values(kafka, "higgs_made_up"), pa.binary()))
    assert not found.refused
    assert sorted(found.inputs.column("event_id").to_pylist()) == [*range(100_000, 100_300)]


def test_a_files_events_come_again_and_again_under_their_own_numbers(
    kafka: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TWEETSIEVE_HIGGS_TOPIC", "higgs_of_a_file")
    file = tmp_path / "atlas.csv"
    names = (EVENT_ID, *FEATURES)
    row = [str(int(ATLAS_100000[EVENT_ID])), *(str(ATLAS_100000[name]) for name in FEATURES), "0.1", "s"]
    file.write_text(",".join([*names, "Weight", "Label"]) + "\n" + ",".join(row) + "\n")
    assert main(["--source", "atlas", "--path", str(file), "--events", "3", "--rate", "1e5"]) == 0
    inputs = decode(pa.array(values(kafka, "higgs_of_a_file"), pa.binary())).inputs
    assert inputs.column("event_id").to_pylist() == [100_000] * 3
    assert inputs.column("PRI_met").to_pylist() == [16.824] * 3
