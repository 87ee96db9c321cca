"""Rows on both sides of their limits, on a real PostgreSQL, with a stream at work beside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest

from include.housekeeping import batches
from include.housekeeping.batches import OldRows, delete_old
from include.housekeeping.keep_house import (
    HousekeepingFailed,
    HousekeepingUnderWay,
    _alone,
    days_of,
    remove_old,
    report,
    require_success,
    sizes,
)
from include.housekeeping.tables import SHARED, KeptTable, result_tables
from include.infra.postgres.connection import connect
from include.local_stack.environment import settings_variables
from include.settings import PROJECT_ROOT, Settings
from include.streaming.state import commits
from include.streaming.state.commits import Reached
from include.workloads.ai_tweets.statements import COUNT_LINKS
from tests.support.annotators import add_event
from tests.support.waiting import await_true

pytestmark = pytest.mark.stack

BY_NAME = {kind.name: kind for kind in SHARED}
INSERTS = {
    "dead letters": "INSERT INTO dead_letter (workload, topic, kafka_partition, kafka_offset, stage, reason,"
    " created_at) SELECT 'w', 't', n %% 3, n + %(age)s, 'parse', 'bad',"
    " now() - make_interval(secs => %(age)s + n) FROM generate_series(1, %(count)s) AS n",
    "replayed dead letters": "INSERT INTO dead_letter (workload, topic, kafka_partition, kafka_offset, stage,"
    " reason, created_at, replayed_at) SELECT 'w', 't', 0, n + %(age)s, 'parse', 'bad',"
    " now() - interval '50 years', now() - make_interval(secs => %(age)s + n)"
    " FROM generate_series(1, %(count)s) AS n",
    "links": "INSERT INTO links SELECT 'https://e.org/' || %(age)s || '/' || n, 'e.org', now(),"
    " now() - make_interval(secs => %(age)s + n), 1 FROM generate_series(1, %(count)s) AS n",
    "closed incidents": "INSERT INTO stream_incident (workload, kind, message, opened_at, closed_at)"
    " SELECT 'w', 'k', 'm', now() - interval '50 years', now() - make_interval(secs => %(age)s + n)"
    " FROM generate_series(1, %(count)s) AS n",
    "restarts": "INSERT INTO stream_restart (workload, reason, at)"
    " SELECT 'w', 'died', now() - make_interval(secs => %(age)s + n) FROM generate_series(1, %(count)s) AS n",
    "rows of ai_tweets": "INSERT INTO ai_tweets (topic, kafka_partition, kafka_offset, id, text, links,"
    " hashtags, probability, model_version, arrived_at) SELECT 't', 0, n + %(age)s, 'i', 'x', '{}', '{}',"
    " 0.5, 1, now() - make_interval(secs => %(age)s + n) FROM generate_series(1, %(count)s) AS n",
}
HOUR, DAY = 3600, 86_400


def kind_of(name: str, settings: Settings) -> KeptTable:
    return {**BY_NAME, **{kind.name: kind for kind in result_tables(settings)}}[name]


def insert(rows: psycopg.Connection, name: str, age: int, count: int) -> None:
    rows.execute(INSERTS[name], {"age": age, "count": count})


def count(rows: psycopg.Connection, table: str) -> int:
    row = rows.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    assert row is not None
    return row[0]


def removed(kind: KeptTable, settings: Settings, days: int) -> int:
    return sum(kind.remove(settings, days))


@pytest.mark.parametrize("name", [name for name in INSERTS if name != "rows of ai_tweets"])
def test_what_is_older_than_the_limit_goes_and_nothing_else(
    house: Settings, rows: psycopg.Connection, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 7)
    kind, limit = kind_of(name, house), 10 * DAY
    insert(rows, name, limit - HOUR, 5)
    insert(rows, name, limit + HOUR, 20)
    assert kind.outdated(house, 10) == 20
    assert removed(kind, house, 10) == 20
    assert count(rows, kind.table) == 5
    assert removed(kind, house, 10) == 0


def test_dead_letters_go_by_what_became_of_them(house: Settings, rows: psycopg.Connection) -> None:
    letters = [
        ("young", "parse", 80, None), ("old", "parse", 95, None), ("collected", "collect", 95, None),
        ("just resolved", "score", 400, 1), ("long resolved", "score", 400, 40),
        ("collected and resolved", "collect", 400, 40),
    ]  # fmt: skip
    for offset, (reason, stage, age, resolved) in enumerate(letters):
        rows.execute(
            "INSERT INTO dead_letter (workload, topic, kafka_partition, kafka_offset, stage, reason,"
            " created_at, replayed_at) VALUES ('w', 't', 0, %s, %s, %s, now() - make_interval(days => %s),"
            " now() - make_interval(days => %s))",
            [offset, stage, reason, age, resolved],
        )
    assert removed(BY_NAME["dead letters"], house, 90) == 1
    assert removed(BY_NAME["replayed dead letters"], house, 30) == 1
    left = {reason for (reason,) in rows.execute("SELECT reason FROM dead_letter").fetchall()}
    assert left == {"young", "collected", "just resolved", "collected and resolved"}


def test_the_latest_positions_of_every_workload_survive(house: Settings, rows: psycopg.Connection) -> None:
    """Of a workload that stopped long ago as of one whose commits are many."""
    commits.write_commit(rows, "stopped", "q", 0, Reached({"a": {0: 4}}, {"a": "first"}))
    commits.write_commit(rows, "stopped", "q", 1, Reached({"b": {1: 9}}, {"b": "second"}))
    rows.execute(
        "INSERT INTO stream_commit (workload, query_id, batch_id, end_offsets, posts, dead_letters)"
        " SELECT 'busy', 'q', n, jsonb_build_object('c', jsonb_build_object('0', n)), 1, 0"
        " FROM generate_series(1, 3000) AS n"
    )
    rows.execute("UPDATE stream_commit SET committed_at = now() - interval '1 year'")
    before = {name: commits.reached(rows, name) for name in ("stopped", "busy")}
    assert removed(BY_NAME["commits"], house, 7) == 1999
    assert {name: commits.reached(rows, name) for name in before} == before
    assert commits.is_committed(rows, "stopped", "q", 1)
    assert before["stopped"] == Reached({"a": {0: 4}, "b": {1: 9}}, {"a": "first", "b": "second"})


def test_a_quiet_stream_keeps_its_last_batch(house: Settings, rows: psycopg.Connection) -> None:
    rows.execute(
        "INSERT INTO stream_progress (workload, query_id, run_id, batch_id, posts, durations_ms, created_at)"
        " SELECT w, 'q', 'r', n, CASE WHEN n < 100 THEN 1 ELSE 0 END, '{\"addBatch\": 5}',"
        " now() - interval '8 days' FROM (VALUES ('quiet'), ('other')) AS v (w),"
        " generate_series(1, 1500) AS n"
    )
    assert removed(BY_NAME["progress rows"], house, 7) > 900
    last = rows.execute("SELECT max(batch_id) FROM stream_progress WHERE workload = 'quiet' AND posts > 0")
    assert last.fetchone() == (99,)
    assert removed(BY_NAME["progress rows"], house, 7) == 0


def test_open_incidents_and_rollouts_stay_and_the_latest_rollout_too(
    house: Settings, rows: psycopg.Connection
) -> None:
    rows.execute(
        "INSERT INTO stream_incident (workload, kind, message, opened_at)"
        " VALUES ('w', 'k', 'm', now() - interval '9 years')"
    )
    for version, step in enumerate(("ended", "ended", "canary")):
        rows.execute(
            "INSERT INTO rollout (model_name, target, run_key, approved, to_version, step, patience, probes,"
            " finished_at) VALUES (%s, 'local', 'r', '{}', %s, %s, 1, '[]', now() - interval '9 years')",
            ["open" if step == "canary" else "m", version, step],
        )
    assert removed(BY_NAME["closed incidents"], house, 90) == 0
    assert removed(BY_NAME["ended rollouts"], house, 90) == 1
    left = rows.execute("SELECT to_version FROM rollout ORDER BY 1").fetchall()
    assert left == [(1,), (2,)]


def test_labels_and_the_ledger_are_not_among_the_tables(house: Settings, rows: psycopg.Connection) -> None:
    tables = {kind.table for kind in (*SHARED, *result_tables(house))}
    kept = {
        "label_event", "promotion", "promotion_evidence", "promotion_scoring", "traffic_share", "stream_loss",
        "share_evidence", "sentiment_case_event", "collection", "model_version", "labelling_report",
    }  # fmt: skip
    assert tables & kept == set()
    add_event(rows, "0" * 64, "ann", 1, "label")
    remove_old(house, kinds=SHARED)
    assert count(rows, "label_event") > 0


def test_a_stream_waits_for_no_more_than_a_batch(house: Settings, rows: psycopg.Connection) -> None:
    """It counts the very links that are deleted, in transactions of its own, and loses none."""
    insert(rows, "links", 400 * DAY, 30_000)
    kind, longest, stop = BY_NAME["links"], [0.0], threading.Event()
    statement = COUNT_LINKS.format(
        new="(SELECT ARRAY['https://e.org/' || %(age)s || '/' || %(n)s] AS links, ARRAY['e.org'] AS domains,"
        " now() AS arrived_at, 0.9 AS probability, 1 AS model_version)"
    )
    seen = []

    def stream() -> None:
        with connect(house, autocommit=True) as connection:
            number = 0
            while not stop.is_set():
                number = number % 30_000 + 371
                began = time.monotonic()
                with connection.transaction():
                    connection.execute(statement, {"age": 400 * DAY, "n": min(number, 30_000)})
                longest[0] = max(longest[0], time.monotonic() - began)
                seen.append(min(number, 30_000))

    thread = threading.Thread(target=stream)
    thread.start()
    try:
        await_true(lambda: len(seen) >= 20, poll=0.01)
        gone = removed(kind, house, 365)
    finally:
        stop.set()
        thread.join()
    left = {link for (link,) in rows.execute("SELECT link FROM links").fetchall()}
    assert gone > 20_000
    assert left == {f"https://e.org/{400 * DAY}/{number}" for number in seen}
    assert longest[0] < 5


def test_a_row_that_somebody_holds_is_passed_over(house: Settings, rows: psycopg.Connection) -> None:
    """Without waiting, and without holding up who has it; the next time it goes."""
    insert(rows, "dead letters", 100 * DAY, 10)
    with connect(house) as other:
        other.execute("UPDATE dead_letter SET attempts = 1 WHERE kafka_offset %% 10 = 3", [])
        began = time.monotonic()
        assert removed(BY_NAME["dead letters"], house, 90) == 9
        assert time.monotonic() - began < 5
        other.execute("UPDATE dead_letter SET attempts = 2 WHERE kafka_offset %% 10 = 3", [])
        other.commit()
    assert removed(BY_NAME["dead letters"], house, 90) == 1


@pytest.mark.parametrize("name", ["links", "rows of ai_tweets"])
def test_what_was_deleted_before_a_kill_stays_so_and_the_next_run_goes_on(
    house: Settings, rows: psycopg.Connection, name: str
) -> None:
    insert(rows, name, 400 * DAY, 12_000)
    kind = kind_of(name, house)
    batch = kind.remove(house, 365)
    first = next(batch)
    assert 0 < first <= batches.BATCH
    del batch  # as the process dies: no later statement runs
    assert count(rows, kind.table) == 12_000 - first
    assert removed(kind, house, 365) == 12_000 - first


def test_the_command_that_is_killed_is_finished_by_the_next_one(
    house: Settings, rows: psycopg.Connection
) -> None:
    insert(rows, "links", 400 * DAY, 300_000)
    insert(rows, "links", DAY, 10)
    command = [sys.executable, "-m", "include.housekeeping"]
    own = house.model_copy(update={"keep_airflow_days": 0})
    environment = {**os.environ, **settings_variables(own)}
    with subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment) as first:
        await_true(lambda: count(rows, "links") < 300_010)
        first.send_signal(signal.SIGKILL)
    assert 10 < count(rows, "links") < 300_010
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].endswith("old rows and files removed")
    assert count(rows, "links") == 10


def test_zero_keeps_for_ever_and_a_dry_run_deletes_nothing(house: Settings, rows: psycopg.Connection) -> None:
    insert(rows, "restarts", 36_000 * DAY, 5)
    kinds = [BY_NAME["restarts"]]
    for_ever = house.model_copy(update={"keep_incidents_days": 0})
    assert [one.count for one in remove_old(for_ever, kinds=kinds)] == [0]
    assert "kept for ever" in report(remove_old(for_ever, kinds=kinds))
    dry = remove_old(house, dry_run=True, kinds=kinds)
    assert report(dry, dry_run=True).splitlines() == [
        "5 old rows and files would be removed (a dry run: nothing was)",
        "- restarts: 5 (older than 90 days, TWEETSIEVE_KEEP_INCIDENTS_DAYS)",
    ]
    assert count(rows, "stream_restart") == 5
    assert report(remove_old(house, kinds=kinds)).startswith("5 old rows and files removed\n")


def test_what_fails_stops_nothing_else_and_is_told(house: Settings, rows: psycopg.Connection) -> None:
    insert(rows, "restarts", 400 * DAY, 5)
    broken = KeptTable("broken", "keep_links_days", "links", "no_such_column", ("link",))
    done = remove_old(house, kinds=[broken, BY_NAME["restarts"]])
    assert [one.count for one in done] == [0, 5]
    with pytest.raises(HousekeepingFailed, match=r"broken: column .*no_such_column") as failed:
        require_success(done)
    assert "\n" not in str(failed.value)


def test_two_at_once_are_one_too_many(house: Settings) -> None:
    with _alone(house), pytest.raises(HousekeepingUnderWay):
        remove_old(house, kinds=[])
    assert remove_old(house, kinds=[BY_NAME["links"]])


def test_sizes_tell_rows_bytes_and_limits(house: Settings, rows: psycopg.Connection) -> None:
    insert(rows, "links", DAY, 1234)
    found = {kind.name: (size, days) for kind, size, days in sizes(house)}
    size, days = found["links"]
    assert (size.count, days) == (1234, 365)
    assert size.bytes > 100_000
    assert found["rows of Airflow's database"][1] == 30
    assert {"rows of ai_tweets", "checkpoints put aside", "unfinished files"} < found.keys()
    assert all(days_of(kind, house) == days for kind, _, days in sizes(house) if kind.name == "links")


def test_rows_without_an_index_on_their_time_go_by_their_key(
    house: Settings, rows: psycopg.Connection
) -> None:
    rows.execute("DROP TABLE IF EXISTS of_a_workload")
    rows.execute(
        "CREATE TABLE of_a_workload (topic text, kafka_partition int, kafka_offset bigint, arrived_at"
        " timestamptz, PRIMARY KEY (topic, kafka_partition, kafka_offset))"
    )
    rows.execute(
        "INSERT INTO of_a_workload SELECT 'a''b', n % 2, n, CASE WHEN n % 3 > 0 THEN now() - interval"
        " '9 days' END FROM generate_series(1, 100) AS n"
    )
    before = rows.execute("SELECT now() - interval '5 days'").fetchone()
    assert before is not None
    key = ("topic", "kafka_partition", "kafka_offset")
    old = OldRows("of_a_workload", "arrived_at", key, before[0])
    assert sum(delete_old(rows, old, size=7)) == 67
    assert count(rows, "of_a_workload") == 33
    rows.execute("DROP TABLE of_a_workload")
