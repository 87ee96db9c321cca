"""Settings and versions of the sources' tests."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from include.infra.processes.ports import free_ports
from include.settings import Settings


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


@pytest.fixture
def version(database) -> Iterator[int]:
    """A version's number that no other test uses."""
    number = 500_000 + time.time_ns() // 1_000 % 499_999
    yield number
    from include.infra.postgres.connection import connect

    with connect(database) as connection:
        connection.execute("DELETE FROM collection WHERE version = %s", [number])
