"""What holds of every DAG, checked over the DAG bag."""

from __future__ import annotations

import ast
import subprocess
import sys
from copy import copy
from datetime import UTC, datetime

import pytest

from include.settings import PROJECT_ROOT, get_settings

DAG_IDS = (
    "build_dataset",
    "clean_dataset",
    "collect_tweets",
    "export_dataset",
    "label_dataset",
    "promote_model",
    "replay_dead_letters",
    "set_traffic_share",
    "stream_classifier",
    "train_classifier",
    "train_higgs",
    "train_spark_ml",
)
SCHEDULED = ("back_up", "forget_posts", "keep_house")
"""DAGs by the clock, without a dataset version."""
DAG_FILES = sorted((PROJECT_ROOT / "dags").glob("*.py"))
HEAVY = {"tensorflow", "keras", "torch", "snorkel", "pyspark", "pandas", "sklearn", "streamlit", "tweepy"}


def test_all_dags_import(dag_bag):
    assert dag_bag.import_errors == {}
    assert sorted(dag_bag.dags) == sorted(DAG_IDS + SCHEDULED)


@pytest.mark.parametrize("dag_id", DAG_IDS + SCHEDULED)
def test_dag_keeps_the_house_rules(dag_bag, dag_id):
    dag = dag_bag.dags[dag_id]
    assert PROJECT_ROOT.joinpath("dags", f"{dag_id}.py").is_file(), "the file's stem is the DAG's id"
    assert len(dag.doc_md or "") > 300, "the manual is on the DAG's page"
    assert dag.description == dag.doc_md.strip().splitlines()[0]
    assert all(task.retries is not None for task in dag.tasks)
    if dag_id in SCHEDULED:
        assert "version" not in dag.params
        settings = get_settings()
        by_clock = {
            "back_up": settings.backup_schedule,
            "forget_posts": settings.forget_schedule,
            "keep_house": settings.keep_house_schedule,
        }
        assert dag.schedule == by_clock[dag_id]
        return
    version = dag.params.get_param("version")
    assert (version.schema["type"], version.schema["minimum"]) == ("integer", 0)


NUMBERS = [3.0, 1e19, 10**30, -1, True, "3", float("nan"), [3], {}]


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_every_integer_param_takes_integers_only(dag_bag, dag_id):
    """As the scheduler's side checks them too: from what is stored of the DAG."""
    from airflow.sdk.exceptions import ParamValidationError
    from airflow.serialization.serialized_objects import DagSerialization

    dag = dag_bag.dags[dag_id]
    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    for name in integer_params(dag):
        param = dag.params.get_param(name)
        assert copy(param).resolve(max(1, param.schema["minimum"])) >= 1  # it keeps what it resolved
        for value in NUMBERS:
            with pytest.raises(ParamValidationError):
                param.resolve(value)
            with pytest.raises(ParamValidationError, match=name):
                stored.params.deep_merge({name: value}).validate()


def integer_params(dag):
    return [name for name in dag.params if "integer" in dag.params.get_param(name).schema.get("type", "")]


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_the_form_as_it_opens_can_be_sent(dag_bag, dag_id):
    """Airflow's form requires a text that must be a string, and opens it empty."""
    params = dag_bag.dags[dag_id].params
    params.validate()
    required = [
        name for name in params
        if params.get_param(name).schema.get("type") == "string" and not params.get_param(name).value
    ]  # fmt: skip
    assert required == []


@pytest.mark.parametrize("version", [-1, "3", 1.5, None, "1; DROP TABLE label_event", 10**9])
def test_a_version_that_is_none_is_refused(dag_bag, version):
    from airflow.sdk.exceptions import ParamValidationError

    param = dag_bag.dags["collect_tweets"].params.get_param("version")
    with pytest.raises(ParamValidationError):
        param.resolve(version)


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_timetable_survives_serialization_and_backfills_by_version(dag_bag, dag_id):
    from airflow.exceptions import InvalidPartitionKeyError
    from airflow.serialization.serialized_objects import DagSerialization

    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag_bag.dags[dag_id])).timetable
    infos = list(
        stored.iter_partition_dagrun_infos(
            earliest=datetime(2000, 1, 1, tzinfo=UTC), latest=datetime(2000, 1, 3, tzinfo=UTC)
        )
    )
    assert stored.periodic
    assert [info.partition_key for info in infos] == ["0", "1", "2"]
    assert stored.resolve_partition_date("2") == datetime(2000, 1, 3, tzinfo=UTC)
    with pytest.raises(InvalidPartitionKeyError, match="'three'"):
        stored.resolve_partition_date("three")
    with pytest.raises(InvalidPartitionKeyError, match="'02': write version 2 as 2"):
        stored.resolve_partition_date("02")


def test_one_producer_per_asset(dag_bag):
    producers = [
        (outlet.name, task.task_id)
        for dag in dag_bag.dags.values()
        for task in dag.tasks
        for outlet in task.outlets
    ]
    assets = [name for name, _ in producers]
    assert sorted(assets) == sorted(set(assets)) == ["classifiers", "datasets", "labels", "raw_tweets"]


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.stem)
def test_no_heavy_import_at_parse_time(path):
    imported = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
    assert not imported & HEAVY


def test_parsing_loads_no_heavy_module(airflow_home):
    """Not even through the modules that the DAG files import."""
    script = (
        "import sys; from airflow.dag_processing.dagbag import DagBag;"
        f"DagBag({str(PROJECT_ROOT / 'dags')!r});"
        f"print('loaded:', sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"
