"""The shape every DAG of this project has, so that a DAG file is its manual, Params and wiring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from airflow.sdk import DAG, Asset, Param
from airflow.sdk.exceptions import AirflowFailException
from dataset_version import DatasetVersionAssetTimetable, DatasetVersionTimetable, version_param

from include.errors import UserError
from include.task_log import log_failure

RAW_TWEETS = Asset("raw_tweets", uri="tweetsieve://raw_tweets")
DATASETS = Asset("datasets", uri="tweetsieve://datasets")
LABELS = Asset("labels", uri="tweetsieve://labels")
CLASSIFIERS = Asset("classifiers", uri="tweetsieve://classifiers")
"""The assets by which a version flows from DAG to DAG; the partition key is the version."""

Result = TypeVar("Result")


def versioned_dag(
    dag_id: str,
    manual: str | None,
    *,
    follows: Asset | None = None,
    params: dict[str, Param] | None = None,
    max_active_runs: int = 1,
) -> DAG:
    """A DAG whose unit is a dataset version; one version at a time, as they share a machine.

    Args:
        dag_id: also the file's name.
        manual: the DAG file's docstring, shown on the DAG's page.
        follows: the asset whose partitions start a run; none means on demand only.
        params: Params beside ``version``.
        max_active_runs: more where one run may outlive others.
    """
    return DAG(
        dag_id,
        description=(manual or "").strip().splitlines()[0],
        doc_md=manual,
        schedule=DatasetVersionAssetTimetable(assets=cast(Any, follows))
        if follows
        else DatasetVersionTimetable(),
        params={"version": version_param(), **(params or {})},
        catchup=False,
        max_active_runs=max_active_runs,
        default_args={"retries": 1, "retry_delay": timedelta(seconds=10)},
        tags=["tweetsieve"],
    )


def scheduled_dag(
    dag_id: str, manual: str | None, schedule: str, *, params: dict[str, Param] | None = None
) -> DAG:
    """A DAG that looks after the stack, by the clock; it knows no dataset version.

    Args:
        dag_id: also the file's name; it is one of ``dataset_version.WITHOUT_VERSION``.
        manual: the DAG file's docstring, shown on the DAG's page.
        schedule: as cron writes it, in UTC; empty means on demand only.
        params: of its form; a run by the clock has the defaults.
    """
    return DAG(
        dag_id,
        description=(manual or "").strip().splitlines()[0],
        doc_md=manual,
        schedule=schedule.strip() or None,
        params=params,
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 1, "retry_delay": timedelta(minutes=5)},
        tags=["tweetsieve"],
    )


def fails_at_once(body: Callable[..., Result]) -> Callable[..., Result]:
    """Make a user's error fail the task without a retry: a retry would meet the same input."""

    @wraps(body)
    def wrapper(*args: Any, **kwargs: Any) -> Result:
        try:
            return body(*args, **kwargs)
        except UserError as error:
            log_failure(str(error))
            raise AirflowFailException(str(error)) from None

    return wrapper
