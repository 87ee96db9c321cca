"""The streams' DAGs hand the chosen workload and scorer on, and name those that are not there."""

from __future__ import annotations

from typing import Any

import pytest


def rendered(dag: Any, task_id: str, **params: Any) -> Any:
    """The task with its templates filled in, as a run with these Params has it."""
    task = dag.get_task(task_id).prepare_for_execution()
    values = {name: dag.params.get_param(name).resolve() for name in dag.params}
    task.render_template_fields({"params": {**values, **params}, "run_id": "run 1"})
    return task


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["--workload", "ai_tweets", "--scorer", "", "--available-now"]),
        (
            {"workload": "other", "scorer": "quick"},
            ["--workload", "other", "--scorer", "quick", "--available-now"],
        ),
    ],
)
def test_once_submits_the_chosen_workload(dag_bag, params: dict[str, str], expected: list[str]) -> None:
    assert rendered(dag_bag.dags["stream_classifier"], "once", **params).application_args == expected


def test_the_watch_that_follows_is_of_the_same_workload(dag_bag) -> None:
    dag = dag_bag.dags["stream_classifier"]
    assert rendered(dag, "watch", workload="other").workload == "other"
    followed = rendered(dag, "followed_by_watch", workload="other")
    assert followed.conf == {"action": "watch", "workload": "other"}


@pytest.mark.parametrize(
    ("dag_id", "task_id", "params"),
    [
        ("stream_classifier", "ensure", {"scorer": None, "feed": "none", "dump": None}),
        ("stream_classifier", "drain", {}),
        ("stream_classifier", "services", {}),
        (
            "replay_dead_letters",
            "replay",
            {"scorer": None, "stage": None, "reason": None, "limit": 1, "dry_run": True},
        ),
    ],
)
def test_a_workload_that_is_not_there_fails_at_once_with_the_ones_there_are(
    dag_bag, dag_id: str, task_id: str, params: dict[str, Any]
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    body = dag_bag.dags[dag_id].get_task(task_id).python_callable
    arguments = {"params": {"workload": "nope", **params}}
    if dag_id == "replay_dead_letters":
        arguments["run_id"] = "run 1"  # type: ignore[assignment]
    with pytest.raises(AirflowFailException, match=r"'nope' is none of: .*ai_tweets"):
        body(**arguments)


def test_a_watch_of_a_workload_that_is_not_there_fails_at_once(dag_bag) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    watch = rendered(dag_bag.dags["stream_classifier"], "watch", workload="nope")
    with pytest.raises(AirflowFailException, match=r"'nope' is none of: .*ai_tweets"):
        type(watch).execute(watch, {})


@pytest.mark.parametrize(
    ("action", "branch"), [("once", "services"), ("ensure", "ensure"), ("drain", "drain")]
)
def test_services_run_before_a_stream_that_ends(dag_bag, action: str, branch: str) -> None:
    dag = dag_bag.dags["stream_classifier"]
    chosen = {"action": action, "workload": "ai_tweets", "scorer": None, "feed": "none"}
    assert dag.get_task("choose").python_callable(params=chosen) == branch
    assert dag.get_task("once").upstream_task_ids == {"services"}


@pytest.mark.parametrize("value", ["", " ", "a b", "../x", 3, None])
def test_a_workload_is_a_name(dag_bag, value: object) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    for dag_id in ("stream_classifier", "replay_dead_letters"):
        with pytest.raises(ParamValidationError):
            dag_bag.dags[dag_id].params.get_param("workload").resolve(value)
