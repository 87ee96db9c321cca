"""Which end of a Spark application Airflow tries again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from include.errors import OUTAGE_EXIT_CODE, USER_ERROR_EXIT_CODE


@pytest.mark.parametrize(
    ("code", "retried"), [(OUTAGE_EXIT_CODE, True), (USER_ERROR_EXIT_CODE, False), (137, True)]
)
def test_only_a_users_error_is_not_tried_again(dag_bag, monkeypatch, code: int, retried: bool) -> None:
    """The operator's own submission is left out: what it does with the end's code is ours."""
    from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    def ended(self: Any, context: object) -> None:
        self._hook = SimpleNamespace(_submit_sp=SimpleNamespace(returncode=code))
        raise AirflowException(f"spark-submit ended with {code}")

    monkeypatch.setattr(SparkSubmitOperator, "execute", ended)
    monkeypatch.setenv("AIRFLOW_CONN_SPARK_DEFAULT", '{"conn_type": "spark", "host": "local[1]"}')
    monkeypatch.setattr("include.infra.spark.jars.spark_jars", lambda settings: [])
    task = dag_bag.dags["build_dataset"].get_task("deduplicate")
    with pytest.raises(AirflowException) as problem:
        type(task).execute(task, {})
    assert isinstance(problem.value, AirflowFailException) != retried
    assert task.retries > 0


def test_a_single_run_of_a_stream_logs_in_as_the_stream(dag_bag) -> None:
    """The role of the other tasks may not take its lease, or commit a batch."""
    roles = {
        (dag_id, task.task_id): task.env_vars["TWEETSIEVE_DATABASE_ROLE"]
        for dag_id, dag in dag_bag.dags.items()
        for task in dag.tasks
        if type(task).__name__ == "SparkApplication"
    }
    assert roles.pop(("stream_classifier", "once")) == "stream"
    assert set(roles.values()) == {"tasks"}
