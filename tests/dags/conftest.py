"""The DAG bag as Airflow builds it, in a process that knows this checkout's folders."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def dag_bag(airflow_home):
    """Every DAG of the project, parsed once."""
    from airflow.dag_processing.dagbag import DagBag

    from include.settings import PROJECT_ROOT

    return DagBag(str(PROJECT_ROOT / "dags"))
