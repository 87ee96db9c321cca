"""A workload that is a transform in the JVM, into files and into a second database, exactly once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pyarrow import dataset

from include.infra.postgres.connection import conninfo, jdbc_url
from include.local_stack.database.preparation import create_databases
from include.settings import PROJECT_ROOT, Settings
from include.streaming.dead_letters.replay import replay_dead_letters
from include.streaming.dead_letters.table import Selection
from tests.integration.streaming.conftest import own_database
from tests.support.streaming.stream import Stream
from tests.support.streaming.workload_folders import with_workloads

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(3600)]

TOPIC = "readings_test_in"
ELSEWHERE = "readings_elsewhere"
FOLDER = PROJECT_ROOT / "tests" / "support" / "workloads"


@pytest.fixture(scope="module")
def elsewhere(database: Settings) -> Settings:
    """A second database."""
    settings = database.model_copy(update={"postgres_database": ELSEWHERE})
    create_databases(settings)
    with psycopg.connect(
        conninfo(settings), autocommit=True
    ) as connection:  # somebody lets the stream in there
        connection.execute(f"ALTER DATABASE {ELSEWHERE} OWNER TO {settings.login_name('stream')}")
    return settings


@pytest.fixture(scope="module")
def readings(database: Settings, kafka: Settings, elsewhere: Settings) -> Iterator[Stream]:
    own = with_workloads(own_database(database, "readings_test", "readings"), FOLDER)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWEETSIEVE_READINGS_TOPIC", TOPIC)
        patch.setenv("TWEETSIEVE_READINGS_URL", jdbc_url(elsewhere))
        yield Stream(own, "readings", stack)


def reading(number: int) -> bytes:
    """One of fifty is cut off, one lacks an axis."""
    if number % 50 == 7:
        return b'{"x": 1'
    axes = {"x": number, "y": 2 * number, "z": 2 * number + 1}
    return json.dumps(
        {axis: value for axis, value in axes.items() if number % 50 != 8 or axis != "y"}
    ).encode()


def messages(first: int, count: int) -> list[tuple[str, bytes]]:
    return [(str(number), reading(number)) for number in range(first, first + count)]


def in_database(settings: Settings) -> list[Any]:
    with psycopg.connect(conninfo(settings)) as connection:
        return connection.execute(
            "SELECT topic, kafka_partition, kafka_offset, length, direction, model_version FROM readings"
        ).fetchall()


def in_files(folder: Path) -> list[dict[str, Any]]:
    """What a reader finds who was only told the folder."""
    return dataset.dataset(folder, format="parquet").to_table().to_pylist() if folder.exists() else []


def check(readings: Stream, elsewhere: Settings, numbers: int) -> None:
    """Every message once in the files, once in the second database, or once in the dead letters."""
    good = sum(number % 50 not in (7, 8) for number in range(numbers))
    rows, files = in_database(elsewhere), in_files(readings.settings.state_dir / "results" / "readings")
    places = {row[:3] for row in rows}
    assert len(rows) == len(places) == good
    assert sorted(row[3] for row in rows) == sorted(row["length"] for row in files)
    assert {(row["topic"], row["kafka_partition"], row["kafka_offset"]) for row in files} == places
    assert len(files) == good
    for *_, direction, version in rows:
        assert (sum(part**2 for part in direction), version) == (pytest.approx(1), "l2")
    letters = (
        "SELECT jsonb_object_agg(reason, n) FROM (SELECT reason, count(*) AS n FROM dead_letter GROUP BY 1) c"
    )
    assert readings.ask(letters) == {"not three numbers": numbers - good}
    assert readings.ask("SELECT count(*) FROM dead_letter WHERE value IS NULL OR key IS NULL") == 0
    assert readings.ask("SELECT sum(posts)::int FROM stream_commit") == good


def test_files_and_a_second_database_hold_each_message_once_after_kill_9(
    readings: Stream, elsewhere: Settings
) -> None:
    readings.send(TOPIC, messages(0, 2_000))
    readings.run_to_the_end()
    check(readings, elsewhere, 2_000)
    readings.kill_in_a_commit("stream_commit", lambda: readings.send(TOPIC, messages(2_000, 500)))
    assert len(in_database(elsewhere)) > 1_920, "the second database has the batch before it is committed"
    assert len(in_files(readings.settings.state_dir / "results" / "readings")) == 1_920
    readings.run_to_the_end()
    check(readings, elsewhere, 2_500)


def test_dead_letters_are_replayed_through_the_transform(readings: Stream, elsewhere: Settings) -> None:
    readings.send(TOPIC, [("corrected", b"{")])
    readings.run_to_the_end()
    before = len(in_database(elsewhere))
    with psycopg.connect(conninfo(readings.settings)) as connection:
        connection.execute(
            "UPDATE dead_letter SET value = %s WHERE key = 'corrected'", [b'{"x": 3, "y": 4, "z": 0}']
        )
    outcome = replay_dead_letters(Selection("readings"), "run", dry_run=False, settings=readings.settings)
    assert outcome["resolved"] == 1
    assert outcome["failed_again"].keys() <= {"not three numbers"}
    rows = in_database(elsewhere)
    assert len(rows) == before + 1
    assert [row[4] for row in rows if row[3] == 5.0] == [[0.6, 0.8, 0.0]]
    files = in_files(readings.settings.state_dir / "results" / "readings")
    assert [row["direction"] for row in files if row["length"] == 5.0] == [[0.6, 0.8, 0.0]]
