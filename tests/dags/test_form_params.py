"""What a person may type into a form's fields, and when a wrong value is noticed."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import pytest

from include.settings import get_settings
from tests.dags.test_dag_validity import DAG_IDS

UNSTORABLE = ["a\x00b", "a\x1b[31m", "\ud800", "\x7f"]


def texts(dag: Any) -> list[str]:
    return [
        name for name in dag.params if dag.params.get_param(name).schema.get("type") == ["null", "string"]
    ]


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_text_that_no_database_can_hold_is_refused_when_the_run_is_asked_for(dag_bag, dag_id):
    from airflow.sdk.exceptions import ParamValidationError

    params = dag_bag.dags[dag_id].params
    for name in texts(dag_bag.dags[dag_id]):
        param = params.get_param(name)
        for value in ["", " ", None, "Grüße, 日本語 🙂\n\tand more", 'it\'s "so"']:
            assert copy(param).resolve(value) == value
        for value in UNSTORABLE:
            with pytest.raises(ParamValidationError):
                copy(param).resolve(value)


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_choice_can_be_left_empty_only_where_nothing_is_a_choice(dag_bag, dag_id):
    """Airflow's form lets a list be emptied where its type does not say that it must not."""
    params = dag_bag.dags[dag_id].params
    lists = [params.get_param(name).schema for name in params if "enum" in params.get_param(name).schema]
    assert [schema for schema in lists if schema.get("type") != "string" and None not in schema["enum"]] == []


def test_golden_labels_that_are_not_there_are_noticed_before_anything_is_collected(dag_bag):
    from airflow.sdk.exceptions import AirflowFailException

    publish = dag_bag.dags["collect_tweets"].get_task("publish").python_callable
    given = {"source": "synthetic", "path": None, "posts": 10, "seconds": 1, "golden": "/no/such.jsonl "}
    with pytest.raises(
        AirflowFailException, match=r"golden: '/no/such\.jsonl' is outside of the folders that runs may read"
    ):
        publish("3", params=given)


def test_a_file_that_is_there_is_taken_and_a_store_is_asked(airflow_home, tmp_path: Path, monkeypatch):
    from form_params import input_of

    from include.errors import UserError

    monkeypatch.setenv("TWEETSIEVE_INPUT_FOLDERS", str(tmp_path))
    get_settings.cache_clear()
    there = tmp_path / "labels.jsonl"
    there.touch()
    assert str(input_of(f" {there}\n", "golden")) == str(there)
    with pytest.raises(UserError, match=r"golden: .*labels\.csv: no such file or folder"):
        input_of("labels.csv", "golden")
    with pytest.raises(UserError, match=r"golden: s3://bucket/labels\.jsonl: .*not installed"):
        input_of("s3://bucket/labels.jsonl", "golden")
    assert input_of(" ", "golden") is None
    get_settings.cache_clear()


PATHS = {("collect_tweets", "publish", "golden"), ("collect_tweets", "publish", "path"),
         ("collect_tweets", "import_golden", "golden"), ("stream_classifier", "ensure", "dump"),
         ("export_dataset", "export", "folder"), ("train_higgs", "train", "path"),
         ("train_spark_ml", "prepare", "path"),
         ("forget_posts", "forget", "file")}  # fmt: skip


def test_every_path_of_a_form_is_known_here(dag_bag):
    named = {(dag_id, name) for dag_id in dag_bag.dags for name in dag_bag.dags[dag_id].params
             if dag_bag.dags[dag_id].params.get_param(name).schema.get("maxLength") == 4096}  # fmt: skip
    assert named == {(dag_id, name) for dag_id, _, name in PATHS}


@pytest.mark.parametrize(("dag_id", "task_id", "name"), sorted(PATHS))
@pytest.mark.parametrize("value", ["/etc/passwd", "/proc/self/environ", "../../../etc/hosts", "file:///etc/passwd",
                                   "filecache::file:///etc/passwd"])  # fmt: skip
def test_no_task_opens_a_path_outside_of_the_allowed_folders(dag_bag, dag_id, task_id, name, value):
    from airflow.sdk.exceptions import AirflowFailException

    dag = dag_bag.dags[dag_id]
    given = {one: dag.params.get_param(one).value for one in dag.params} | {name: value}
    given |= {"source": "dump"} if name == "path" else {}
    task = dag.get_task(task_id).python_callable
    arguments = {"params": given} if task_id in ("ensure", "forget") else {"version": "3", "params": given}
    with pytest.raises(AirflowFailException, match=rf"^{name}: "):
        task(**arguments)


@pytest.mark.parametrize("action", ["ensure", "once", "drain", "watch"])
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"workload": "nope"}, "'nope' is none of"),
        ({"scorer": "magic"}, "'magic'"),
        ({"feed": "radio"}, "'radio'"),
    ],
)
def test_what_a_workload_has_not_is_noticed_by_the_first_task(dag_bag, action, given, named):
    from airflow.sdk.exceptions import AirflowFailException

    choose = dag_bag.dags["stream_classifier"].get_task("choose").python_callable
    with pytest.raises(AirflowFailException, match=named):
        choose(params={"action": action, "workload": "ai_tweets", "scorer": " ", "feed": "none", **given})
