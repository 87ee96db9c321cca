"""The DAG bag as Airflow builds it, from this checkout's folders."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from include.settings import PROJECT_ROOT


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Airflow's settings in the environment, before anything imports Airflow."""
    early = [name for name in sys.modules if name.split(".")[0] == "airflow"]
    assert not early, (
        f"Airflow was imported before its settings were made, by a module that pytest collects: {early[0]}"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        patch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(PROJECT_ROOT / "dags"))
        patch.setenv("AIRFLOW__CORE__PLUGINS_FOLDER", str(PROJECT_ROOT / "plugins"))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        patch.setenv("PYTHONPATH", str(PROJECT_ROOT))
        yield


@pytest.fixture(scope="session")
def dag_bag(airflow_home: None):
    """Every DAG of the project, parsed once."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(PROJECT_ROOT / "dags"))
