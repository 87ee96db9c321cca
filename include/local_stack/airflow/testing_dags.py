"""``airflow dags test`` beside a running scheduler, which would run the same tasks.

``dags test`` writes its run into Airflow's database like any other, so the scheduler schedules its tasks as
well. Where both start the same task at once, one of them gets "TI was not in a state where it could be
marked as running", and the run fails. A scheduler ignores a paused DAG; ``dags test`` runs it all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from include.local_stack.airflow.api import AirflowApi
from include.local_stack.airflow.server import ADMIN, admin_password, url
from include.settings import Settings


def tested_dag(arguments: Sequence[str]) -> str | None:
    """The DAG that ``airflow <arguments>`` tests, if it is that command.

    >>> tested_dag(["dags", "test", "label_dataset", "--conf", "{}"])
    'label_dataset'
    >>> tested_dag(["dags", "list"])
    """
    named = [argument for argument in arguments[2:3] if not argument.startswith("-")]
    return named[0] if list(arguments[:2]) == ["dags", "test"] and named else None


@contextmanager
def left_alone(dag_id: str, settings: Settings) -> Iterator[None]:
    """Pause the DAG for the stack's scheduler meanwhile, and restore it afterwards.

    Does nothing where the stack is down, or Airflow has not read the DAG yet.
    """
    api = _api(settings)
    if api is None or dag_id not in api.dag_ids() or api.is_paused(dag_id):
        yield
        return
    print(f"{dag_id} is paused until this run has ended, so that the scheduler does not", file=sys.stderr)
    print(f"run its tasks too (after a kill: 'airflow dags unpause {dag_id}')", file=sys.stderr)
    api.set_paused(dag_id, True)
    try:
        yield
    finally:
        api.set_paused(dag_id, False)


def _api(settings: Settings) -> AirflowApi | None:
    """None where no Airflow runs."""
    try:
        return AirflowApi(url(settings), ADMIN, admin_password(settings))
    except httpx.ConnectError:
        return None
