"""Whichever door a version comes by, the run and what follows from it are for that version."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def collect(dag_bag):
    return dag_bag.dags["collect_tweets"]


def stored(dag: Any) -> Any:
    from airflow.serialization.serialized_objects import DagSerialization

    return DagSerialization.from_dict(DagSerialization.to_dict(dag))


def run_of(dag: Any, **values: Any) -> Any:
    return SimpleNamespace(
        **{"dag": stored(dag), "conf": None, "partition_key": None, "partition_date": None, **values}
    )


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "0"),
        ({"conf": {}}, "0"),
        ({"conf": {"version": 7}}, "7"),
        ({"conf": {"version": 7}, "partition_key": "3"}, "3"),
        ({"conf": {"version": "seven"}}, None),
    ],
)
def test_a_run_that_starts_has_its_version_as_its_key(collect, values, key):
    from version_of_run import VersionAsKey

    run = run_of(collect, **values)
    VersionAsKey().on_dag_run_running(run, "started")
    assert run.partition_key == key


def test_the_key_has_the_version_s_date(collect):
    from version_of_run import VersionAsKey

    run = run_of(collect, conf={"version": 31})
    VersionAsKey().on_dag_run_running(run, "started")
    assert f"{run.partition_date:%Y-%m-%d}" == "2000-02-01"


def test_another_project_s_run_is_left_alone(airflow_home):
    from airflow.sdk import DAG
    from version_of_run import VersionAsKey

    run = run_of(DAG("theirs", schedule=None), conf={"version": 7})
    VersionAsKey().on_dag_run_running(run, "started")
    assert run.partition_key is None


@pytest.mark.parametrize(("key", "named"), [(None, {"7"}), ("3", {"3"})])
def test_what_a_run_makes_is_named_by_its_version(dag_bag, key, named):
    """Of every task that makes an asset's version."""
    from airflow.sdk.execution_time.context import OutletEventAccessors

    makers = [task for dag in dag_bag.dags.values() for task in dag.tasks if task.outlets]
    assert len(makers) == 4
    for task in makers:
        events = OutletEventAccessors()
        run = SimpleNamespace(partition_key=key)
        given = {"dag_run": run, "params": {"version": 7}, "task": task, "outlet_events": events}
        task._post_execute_hook(given, None)
        assert [events[asset].partition_keys for asset in task.outlets] == [named]
