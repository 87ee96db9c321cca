"""A second workload, which is a folder and nothing else: numbers in, two numbers out, into two sinks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from prometheus_client import generate_latest

from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import make_consumer
from include.infra.kafka.offsets import behind, total
from include.infra.postgres.connection import connect
from include.settings import PROJECT_ROOT, Settings
from include.streaming.dead_letters.replay import replay_dead_letters
from include.streaming.dead_letters.table import Selection
from include.streaming.monitor.monitor import Monitor
from include.streaming.state.commits import committed_positions
from tests.integration.streaming.conftest import own_database
from tests.support.streaming.kafka import send_in_transaction
from tests.support.streaming.numbers import pair, pairs
from tests.support.streaming.stream import Stream
from tests.support.streaming.workload_folders import with_workloads

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(3600)]

VARIABLES = {
    "TWEETSIEVE_NUMBERS_TOPIC": "numbers_test_in",
    "TWEETSIEVE_NUMBERS_RESULTS_TOPIC": "numbers_test_out",
    "TWEETSIEVE_NUMBERS_OFFSET": "0.5",
}


@pytest.fixture(scope="module")
def numbers(database: Settings, kafka: Settings) -> Iterator[Stream]:
    """The stream of the workload in tests/support/workloads/numbers."""
    own = own_database(database, "numbers_test", "numbers")
    folder = PROJECT_ROOT / "tests" / "support" / "workloads"
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for name, value in VARIABLES.items():
            patch.setenv(name, value)
        yield Stream(with_workloads(own, folder), "numbers", stack)


def sent(settings: Settings, topic: str) -> list[tuple[str, dict[str, Any]]]:
    """Keys and rows in a topic of results."""
    highs = Broker(settings).highs([topic])[topic]
    consumer = make_consumer(settings, {"group.id": "test"})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in highs])
    found: list[tuple[str, dict[str, Any]]] = []
    while len(found) < sum(highs.values()):
        for message in consumer.consume(1_000, 10):
            assert not message.error()
            found.append(((message.key() or b"").decode(), json.loads(message.value() or b"")))
    consumer.close()
    return found


LETTERS = """
SELECT jsonb_object_agg(stage || ': ' || reason, n)
FROM (SELECT stage, reason, count(*) AS n FROM dead_letter WHERE workload = 'numbers' GROUP BY 1, 2) AS c
"""
TOTALS = "SELECT (SELECT (rows, sum) FROM numbers_total) = (SELECT (count(*), sum(sum)) FROM numbers)"


def test_it_survives_kill_9_exactly_once(numbers: Stream) -> None:
    topic = VARIABLES["TWEETSIEVE_NUMBERS_TOPIC"]
    numbers.send(topic, pairs(0, 5_000))
    numbers.run_to_the_end()
    numbers.account()
    numbers.kill_in_a_commit("numbers", lambda: numbers.send(topic, pairs(5_000, 1_000)))
    assert numbers.ask("SELECT count(*) FROM numbers WHERE a >= 5000") == 0
    numbers.run_to_the_end()
    numbers.account()
    assert numbers.ask("SELECT count(*) FROM numbers WHERE sum = a + b + 0.5 AND quotient = a / b") == 5_880
    assert numbers.ask(TOTALS)
    assert numbers.ask(LETTERS) == {
        "parse: not two numbers": 60, "score: model failed: ZeroDivisionError": 60,
    }  # fmt: skip
    counted = "SELECT sum((counts ->> 'large')::int)::int FROM stream_commit"
    assert numbers.ask(counted) == numbers.ask("SELECT count(*)::int FROM numbers WHERE sum > 100")

    results = sent(numbers.settings, VARIABLES["TWEETSIEVE_NUMBERS_RESULTS_TOPIC"])
    key = "string_agg(topic || '/' || kafka_partition || '/' || kafka_offset, ' ')"
    assert {key for key, _ in results} == set(numbers.ask(f"SELECT {key} FROM numbers").split())  # noqa: S608
    assert all(row["sum"] == row["a"] + row["b"] + 0.5 for _, row in results)
    assert len(results) > 5_880, "what was processed again was sent again, under its key"


def test_a_transactions_end_and_what_it_took_back_leave_nothing_to_do(numbers: Stream) -> None:
    topic, settings = VARIABLES["TWEETSIEVE_NUMBERS_TOPIC"], numbers.settings
    rows = numbers.ask("SELECT count(*) FROM numbers") if numbers.exists("numbers") else 0
    send_in_transaction(settings, topic, [pair(1)] * 10, commit=True)
    send_in_transaction(settings, topic, [pair(1)] * 10, commit=False)
    numbers.run_to_the_end()
    assert numbers.ask("SELECT count(*) FROM numbers") == rows + 10
    with connect(settings) as connection:
        committed = committed_positions(connection, "numbers")
    assert total(behind(committed, Broker(settings).highs([topic]))) == 0
    assert numbers.ask("SELECT lag FROM stream_progress ORDER BY id DESC LIMIT 1") in (0, None)


def test_the_monitor_shows_it_beside_others(numbers: Stream) -> None:
    settings = numbers.settings
    numbers.send(VARIABLES["TWEETSIEVE_NUMBERS_TOPIC"], pairs(0, 200))
    numbers.run_to_the_end()
    monitor = Monitor(settings, channels=[])
    monitor.check()
    monitor.close()
    metrics = generate_latest(monitor.metrics.registry).decode()
    for name, value in (("lag_messages", 0.0), ("model_version", 1.0)):
        assert f'tweetsieve_stream_{name}{{workload="numbers"}} {value}' in metrics
    per_minute = metrics.split('tweetsieve_stream_posts_per_minute{workload="numbers"} ')[1].split()[0]
    assert float(per_minute) >= 196
    assert numbers.ask("SELECT checked_at IS NOT NULL FROM stream_monitor WHERE workload = 'numbers'")


def test_its_dead_letters_are_replayed_to_all_its_sinks(numbers: Stream) -> None:
    """All fail again but one, whose value the test corrects in the table."""
    settings, topic = numbers.settings, VARIABLES["TWEETSIEVE_NUMBERS_TOPIC"]
    numbers.send(topic, [("a", pair(7)), ("b", pair(8))])
    numbers.run_to_the_end()
    before = len(sent(settings, VARIABLES["TWEETSIEVE_NUMBERS_RESULTS_TOPIC"]))
    pending = numbers.ask("SELECT count(*) FROM dead_letter WHERE replayed_at IS NULL")
    everywhere, different = numbers.accounted()  # not all positions: those of transactions hold no message
    with connect(settings) as connection:
        connection.execute("UPDATE dead_letter SET value = %s WHERE key = 'b'", [pair(9)])
    outcome = replay_dead_letters(Selection("numbers"), "run", dry_run=False, settings=settings)
    assert (outcome["chosen"], outcome["resolved"]) == (pending, 1)
    assert outcome["failed_again"].keys() == {"not two numbers", "model failed: ZeroDivisionError"}
    assert len(sent(settings, VARIABLES["TWEETSIEVE_NUMBERS_RESULTS_TOPIC"])) == before + 1
    assert numbers.ask("SELECT sum FROM numbers JOIN dead_letter USING (topic, kafka_partition, kafka_offset)"
                       " WHERE key = 'b'") == 11.5  # fmt: skip
    assert numbers.ask(TOTALS)
    assert numbers.accounted() == (everywhere, different) == (different, different)
