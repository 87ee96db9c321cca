"""Airflow's own tables and logs, in a database that Airflow made, with runs on both sides of the limit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from include.housekeeping import airflow as kept
from include.housekeeping.airflow import AirflowLogs, AirflowMetadata, airflow_database
from include.local_stack.airflow import server
from include.settings import Settings

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

INSERT = """
INSERT INTO dag_run (dag_id, run_id, run_type, state, start_date, run_after, clear_number, span_status)
VALUES (%s, %s, 'manual', %s, now() - make_interval(days => %s), now(), 0, 'not_started')
"""
RUNS = [
    ("collect_tweets", "old", "success", 40),
    ("collect_tweets", "failed long ago", "failed", 31),
    ("collect_tweets", "young", "success", 29),
    ("stream_classifier", "watches for months", "running", 200),
    ("stream_classifier", "ended beside it", "success", 200),
    ("build_dataset", "runs", "running", 1),
    ("build_dataset", "old", "success", 40),
]


@pytest.fixture(scope="module")
def airflow(house: Settings) -> Settings:
    """Settings of a database with Airflow's tables."""
    server.migrate(house, server.variables(house), print)
    return house


@pytest.fixture
def runs(airflow: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    monkeypatch.delenv("AIRFLOW_HOME", raising=False)
    # As Airflow sets it in a task.
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    with airflow_database(airflow) as connection:
        assert connection is not None
        for run in RUNS:
            connection.execute(INSERT, run)
        yield connection
        connection.execute("DELETE FROM dag_run")


def left(connection: psycopg.Connection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT dag_id, run_id FROM dag_run").fetchall())


def test_old_runs_go_but_none_that_is_under_way(airflow: Settings, runs: psycopg.Connection) -> None:
    runs.execute("CREATE TABLE _airflow_deleted__log__20200101000000__b1 (id int)")
    runs.execute("CREATE TABLE _airflow_deleted__log__29990101000000 (id int)")
    runs.execute("CREATE TABLE _airflow_deleted__mine (id int)")
    runs.execute("CREATE TABLE _airflow_deleted__job__20200231000000 (id int)")  # no such day
    metadata = AirflowMetadata()
    assert metadata.size(airflow).count == len(RUNS)
    assert metadata.outdated(airflow, 30) == 3
    assert len(left(runs)) == len(RUNS)
    assert sum(metadata.remove(airflow, 30)) == 3
    assert left(runs) == {
        ("collect_tweets", "young"), ("stream_classifier", "watches for months"),
        ("stream_classifier", "ended beside it"), ("build_dataset", "runs"),
    }  # fmt: skip
    archives = runs.execute(
        "SELECT relname FROM pg_class WHERE starts_with(relname, '_airflow_deleted') ORDER BY 1"
    ).fetchall()
    kept_archives = [
        "_airflow_deleted__job__20200231000000", "_airflow_deleted__log__29990101000000",
        "_airflow_deleted__mine",
    ]  # fmt: skip
    assert [name for (name,) in archives] == kept_archives
    runs.execute(f"DROP TABLE {', '.join(kept_archives)}")

    runs.execute("UPDATE dag_run SET state = 'success'")
    assert sum(metadata.remove(airflow, 30)) == 2
    assert left(runs) == {("collect_tweets", "young"), ("build_dataset", "runs")}


def test_a_clean_that_airflow_refuses_is_told_in_one_line(
    airflow: Settings, runs: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "OTHERS", ("no_such_table",))
    with pytest.raises(kept.StackError, match="'airflow db clean' failed") as failed:
        list(AirflowMetadata().remove(airflow, 30))
    assert "\n" not in str(failed.value)


def test_old_logs_go_but_not_those_of_a_run_under_way(airflow: Settings, runs: psycopg.Connection) -> None:
    folder = server.task_logs(airflow)
    old, young, watch = (
        log(folder, *names)
        for names in (
            ("collect_tweets", "old"),
            ("collect_tweets", "young"),
            ("stream_classifier", "watches for months"),
        )
    )
    for path in (old, watch):
        aged(path, folder, days=31)
    aged(young, folder, days=29)
    logs = AirflowLogs()
    assert logs.outdated(airflow, 30) == 1
    assert sum(logs.remove(airflow, 30)) == 1
    assert [path.exists() for path in (old, young, watch)] == [False, True, True]
    assert sum(logs.remove(airflow, 30)) == 0
    assert logs.size(airflow).count >= 1


def log(folder: Path, dag_id: str, run_id: str) -> Path:
    path = folder / f"dag_id={dag_id}" / f"run_id={run_id}" / "task_id=t" / "attempt=1.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("said")
    return path


def aged(path: Path, folder: Path, days: int) -> None:
    """Give a file, and the folders that it is in below ``folder``, an older time."""
    time = path.stat().st_mtime - days * 86_400
    while path != folder:
        os.utime(path, (time, time))
        path = path.parent
