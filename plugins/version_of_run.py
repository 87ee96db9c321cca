"""The dataset version of a run, whichever door it came by.

A backfill, and a run that follows an asset, have the version as their partition key. A run by the form, the
REST API or the command line usually has it as its Param only. Its key is set when it starts, so that the
lists of runs show it, and the events of its tasks name it, so that followers run for the same version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin
from dataset_version import is_by_dataset_version

from include.schema.dataset_version import VersionError, parse_version

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from airflow.sdk import Asset


def publishes(asset: Asset) -> dict[str, Any]:
    """What a task that makes an asset's version is given: ``@task(**publishes(DATASETS))``."""
    return {"outlets": [asset], "post_execute": announce_version}


def announce_version(context: Any, result: Any = None) -> None:
    """Name the run's version as the partition of the task's assets, also where the run has no key."""
    run = context["dag_run"]
    version = run.partition_key if run.partition_key is not None else context["params"]["version"]
    for asset in context["task"].outlets:
        context["outlet_events"][asset].add_partitions(str(parse_version(version)))


class VersionAsKey:
    """Gives a run that starts without a partition key the one of its Param ``version``."""

    @hookimpl
    def on_dag_run_running(self, dag_run: DagRun, msg: str) -> None:
        """Called by the scheduler, in whose transaction the run is stored."""
        dag = dag_run.dag
        if dag_run.partition_key is not None or dag is None or not is_by_dataset_version(dag.timetable):
            return
        asked = (dag_run.conf or {}).get("version", dag.params.dump().get("version"))
        try:
            key = str(parse_version(asked))
        except VersionError:  # the tasks refuse it, and name it
            return
        dag_run.partition_key = key
        dag_run.partition_date = dag.timetable.resolve_partition_date(key)


class VersionOfRunPlugin(AirflowPlugin):
    """Registers the listener."""

    name = "version_of_run"
    listeners = [VersionAsKey()]  # noqa: RUF012 (Airflow's own shape)
