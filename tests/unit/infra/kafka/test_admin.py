"""What the broker's client does with answers that pass."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from include.infra.kafka import admin
from include.infra.kafka.admin import Broker, BrokerRefuses, BrokerUnavailable
from include.settings import Settings


class Admin:
    """Refuses some times with an error, then knows no topic."""

    def __init__(self, error: int, times: int) -> None:
        self._refusals = iter([KafkaException(KafkaError(error))] * times)

    def list_topics(self, timeout: float) -> SimpleNamespace:
        for refusal in self._refusals:
            raise refusal
        return SimpleNamespace(topics={})

    def poll(self, timeout: float) -> int:
        return 0


def broker(error: int, times: int) -> Broker:
    asked = Broker(Settings(kafka_bootstrap_servers="broker.test:9092", _env_file=None), timeout=0.5)
    asked._admin = cast(AdminClient, Admin(error, times))
    return asked


def test_a_partition_without_a_leader_is_asked_again() -> None:
    assert broker(KafkaError.LEADER_NOT_AVAILABLE, times=2).highs(["a"]) == {"a": {}}


def test_another_error_is_raised_at_once() -> None:
    with pytest.raises(BrokerUnavailable, match=r"broker\.test:9092"):
        broker(KafkaError.CLUSTER_AUTHORIZATION_FAILED, times=1).highs(["a"])


def test_a_password_that_was_changed_meanwhile_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PASSWORD", "SECURITY_PROTOCOL"):
        monkeypatch.delenv(f"TWEETSIEVE_KAFKA_{name}", raising=False)
    settings = Settings(_env_file=None, state_dir=tmp_path)
    settings.kafka_secrets.parent.mkdir()
    settings.kafka_secrets.write_text('{"tweetsieve": "old"}')
    asked = Broker(settings, timeout=0.5)
    asked._admin = cast(AdminClient, Admin(KafkaError._AUTHENTICATION, times=2))
    with pytest.raises(BrokerRefuses, match=r"tweetsieve.*kafka\.json"):
        asked.highs(["a"])
    settings.kafka_secrets.write_text('{"tweetsieve": "new"}')
    monkeypatch.setattr(admin, "admin_client", lambda *_: Admin(0, times=0))
    assert asked.highs(["a"]) == {"a": {}}


def test_a_leader_that_never_comes_is_an_error() -> None:
    with pytest.raises(BrokerUnavailable, match=r"broker\.test:9092"):
        broker(KafkaError.LEADER_NOT_AVAILABLE, times=1000).highs(["a"])
