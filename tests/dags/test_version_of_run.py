"""Whichever door a version comes by, the run and what follows from it are for that version."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from include.local_stack.backfill import dag_ids
from include.schema.dataset_version import date_of_version


@pytest.fixture(scope="module")
def new_run(dag_bag) -> Any:
    """Makes a run's row as each of Airflow's programs does, once plugins are loaded; it is not stored."""
    from airflow.models.dagrun import DagRun
    from airflow.plugins_manager import ensure_plugins_loaded
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    ensure_plugins_loaded()

    def make(dag_id: str = "collect_tweets", *, door: str = "ui", kind: str = "manual", **values: Any) -> Any:
        """Its id as the timetable makes it, where the test gives none."""
        timetable = dag_bag.dags["collect_tweets"].timetable
        run_id = stored_timetable(timetable).generate_run_id(
            run_type=DagRunType(kind), run_after=datetime(2026, 1, 1, tzinfo=UTC), data_interval=None
        )
        return DagRun(
            dag_id=dag_id,
            **{"run_id": run_id, "run_type": DagRunType(kind), "triggered_by": DagRunTriggeredByType(door)}
            | values,
        )

    return make


def stored_timetable(timetable: Any) -> Any:
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable

    return decode_timetable(encode_timetable(timetable))


@pytest.mark.parametrize("door", ["ui", "rest_api", "cli", "operator", "test"])
@pytest.mark.parametrize(
    ("values", "version"),
    [
        ({}, 0),
        ({"conf": {}}, 0),
        ({"conf": {"version": 7}}, 7),
        ({"partition_key": "3"}, 3),
        ({"conf": {"version": 0}, "partition_key": "3"}, 3),  # as the form sends a key alone
        ({"conf": {"version": 3}, "partition_key": "3"}, 3),
    ],
)
def test_a_run_shows_its_version_by_whichever_door_it_came(new_run, door, values, version):
    run = new_run(door=door, **values)
    assert run.partition_key == str(version)
    assert run.partition_date == date_of_version(version)
    assert run.conf["version"] == version
    assert run.run_id == f"manual__version_{version}__2026-01-01T00:00:00+00:00"


def test_a_follower_shows_its_version(new_run):
    given = {"kind": "asset_triggered", "door": "asset", "run_id": "asset_triggered__2026-01-01T00:00:00_x"}
    run = new_run(**given, partition_key="7")
    assert run.run_id == "asset_triggered__version_7__2026-01-01T00:00:00_x"
    assert run.conf == {"version": 7}


def test_the_dates_of_a_backfill_are_the_versions_whatever_the_form_s_field_says(new_run):
    shared = {"version": 9, "posts": 10}
    run = new_run(kind="backfill", door="backfill", partition_key="4", conf=shared)
    assert (run.partition_key, run.conf) == ("4", {"version": 4, "posts": 10})
    assert run.run_id.startswith("backfill__version_4__")
    assert shared["version"] == 9, "the backfill keeps it for its other runs"


def test_two_versions_are_refused_and_named(new_run):
    with pytest.raises(ValueError, match="partition key '3' and Param version 5 are two dataset versions"):
        new_run(conf={"version": 5}, partition_key="3")


def test_a_run_of_dags_test_shows_its_version(new_run):
    run = new_run(door="test", run_id="manual__2026-01-01T00:00:00+00:00", conf={"version": 7})
    assert run.run_id == "manual__version_7__2026-01-01T00:00:00+00:00"


def test_a_run_is_completed_once_however_often_its_plugin_is_loaded(new_run):
    from version_of_run import complete

    given = {"run_type": "asset_triggered", "triggered_by": "asset", "partition_key": "7", "run_id": "x__y"}
    complete(given)
    once = dict(given)
    complete(given)
    assert given == once


@pytest.mark.parametrize(("door", "note"), [("operator", "dataset version 7"), ("rest_api", None)])
def test_an_id_that_somebody_has_chosen_stays_and_the_note_says_the_version(new_run, door, note):
    run = new_run(door=door, run_id="mine", conf={"version": 7})
    assert (run.run_id, run.partition_key, run.note) == ("mine", "7", note)


def test_a_note_of_one_s_own_stays(new_run):
    assert new_run(door="cli", run_id="mine", note="again").note == "again"


@pytest.mark.parametrize("values", [{"partition_key": "seven"}, {"conf": {"version": "seven"}}])
def test_what_is_no_version_is_left_to_the_tasks(new_run, values):
    """The scheduler makes a follower's run, and must not end by it."""
    run = new_run(kind="asset_triggered", door="asset", **values)
    assert run.partition_key == values.get("partition_key")


def test_another_project_s_run_is_left_alone(new_run):
    run = new_run("theirs", run_id="manual__version__x", conf={"version": 7})
    assert (run.partition_key, run.run_id) == (None, "manual__version__x")


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


def test_a_run_of_a_dag_without_versions_gets_none(new_run):
    run = new_run(
        "back_up", kind="scheduled", door="timetable", run_id="scheduled__2026-01-01T03:15:00+00:00"
    )
    assert run.partition_key is None
    assert not run.conf
    assert run.run_id == "scheduled__2026-01-01T03:15:00+00:00"


def test_a_backfill_offers_every_dag_of_versions_and_no_other() -> None:
    from version_of_run import OURS

    assert set(dag_ids()) == OURS
