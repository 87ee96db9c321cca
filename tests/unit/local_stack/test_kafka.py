from __future__ import annotations

from pathlib import Path

from include.local_stack import kafka
from include.settings import Settings


def test_every_listener_is_on_loopback():
    settings = Settings(kafka_port=1, kafka_controller_port=2, state_dir=Path("/tmp/s"))
    properties = kafka.properties(settings, "secret")
    for key in ("listeners", "advertised.listeners"):
        assert properties[key] == "CLIENTS://127.0.0.1:1,CONTROLLER://127.0.0.1:2"
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:2"


def test_data_live_in_the_state_folder():
    assert kafka.properties(Settings(state_dir=Path("/tmp/s")), "secret")["log.dirs"] == "/tmp/s/kafka/data"


def test_a_cluster_id_is_never_taken_for_an_option(monkeypatch):
    monkeypatch.setattr(kafka.uuid, "uuid4", lambda: kafka.uuid.UUID(int=0xFB << 120))  # "-wAA…" as it stands
    assert kafka._cluster_id()[0].isalnum()
    assert len(kafka._cluster_id()) == 22
