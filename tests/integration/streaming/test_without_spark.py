"""The engine's task, positions and sinks in plain processes fed by confluent-kafka."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from psycopg import sql

from include.infra.kafka.admin import Broker
from include.infra.kafka.offsets import behind, total
from include.infra.postgres.connection import connect
from include.settings import PROJECT_ROOT, Settings
from include.streaming.state.commits import committed_positions
from tests.integration.streaming.conftest import own_database
from tests.support.streaming.kafka import send_in_transaction
from tests.support.streaming.numbers import pair, pairs
from tests.support.streaming.stream import Stream, kill
from tests.support.streaming.workload_folders import with_workloads

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

TOPIC = "numbers_plain_in"


@pytest.fixture
def numbers(database: Settings, kafka: Settings) -> Iterator[Stream]:
    own = own_database(database, "plain_test", "plain")
    folder = PROJECT_ROOT / "tests" / "support" / "workloads"
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWEETSIEVE_NUMBERS_TOPIC", TOPIC)
        patch.setenv("TWEETSIEVE_NUMBERS_RESULTS_TOPIC", "numbers_plain_out")
        yield Stream(with_workloads(own, folder), "numbers", stack)


def start(numbers: Stream) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.streaming.plain_runner", "numbers"],
        cwd=PROJECT_ROOT, env=numbers.environment, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def run(numbers: Stream) -> dict[str, object]:
    child = start(numbers)
    output, _ = child.communicate(timeout=300)
    assert child.returncode == 0
    return json.loads(output)


def test_two_plain_processes_do_it_exactly_once_without_pyspark(numbers: Stream) -> None:
    """Killed in its second batch's commit, it goes on; what a transaction leaves behind is nothing to do."""
    numbers.send(TOPIC, pairs(0, 5_000))
    first = run(numbers)
    assert first == {"batches": 1, "pyspark": False}
    numbers.send(TOPIC, pairs(5_000, 1_000))
    with connect(numbers.settings) as other:
        other.execute(sql.SQL("LOCK TABLE numbers IN EXCLUSIVE MODE"))
        child = start(numbers)
        numbers.wait(lambda: waits(numbers), "no commit waits", 120)
        kill(child)
    assert numbers.ask("SELECT count(*) FROM numbers WHERE a >= 5000") == 0
    send_in_transaction(numbers.settings, TOPIC, [pair(1)] * 10, commit=True)
    assert run(numbers)["pyspark"] is False
    assert numbers.ask("SELECT count(*) FROM numbers") == 5_880 + 10
    assert numbers.ask("SELECT count(*) FROM dead_letter") == 120
    assert numbers.ask("SELECT (SELECT rows FROM numbers_total) = (SELECT count(*) FROM numbers)")
    with connect(numbers.settings) as connection:
        committed = committed_positions(connection, "numbers")
    assert total(behind(committed, Broker(numbers.settings).highs([TOPIC]))) == 0


def waits(numbers: Stream) -> bool:
    """Whether a commit waits for the lock on the results' table."""
    return bool(numbers.ask("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                            " AND datname = current_database()"))  # fmt: skip
