"""How a Spark application ends: what is tried again by whoever started it, and what is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from include.errors import OUTAGE_EXIT_CODE, USER_ERROR_EXIT_CODE
from include.infra.processes.ports import free_ports
from include.infra.spark.environment import spark_environment
from include.local_stack.database.preparation import create_databases
from include.local_stack.environment import settings_variables
from include.settings import PROJECT_ROOT, Settings

pytestmark = [pytest.mark.spark, pytest.mark.stack]


def split(settings: Settings, version: str) -> subprocess.CompletedProcess[str]:
    """spark-submit of the split, as SparkSubmitOperator does it."""
    command = [
        str(Path(sys.executable).with_name("spark-submit")), "--master", "local[1]",
        "--conf", "spark.ui.enabled=false", str(PROJECT_ROOT / "spark_apps" / "split.py"),
        "--version", version,
    ]  # fmt: skip
    own = {"PATH": "/usr/bin:/bin", **settings_variables(settings), **spark_environment(settings)}
    return subprocess.run(command, env=own, text=True, timeout=600, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip


def test_an_outage_of_the_database_ends_otherwise_than_a_users_error(
    database: Settings, tmp_path: Path
) -> None:
    own = database.model_copy(update={"postgres_database": "application_test", "state_dir": tmp_path})
    create_databases(own)
    mistake = split(own, "4242")
    assert mistake.returncode == USER_ERROR_EXIT_CODE, mistake.stdout[-2000:]
    assert "\nerror: table deduplicated_raw_tweet_dataset_4242 is missing: run the DAG" in mistake.stdout

    away = own.model_copy(update={"postgres_port": free_ports(1)[0]})
    outage = split(away, "4242")
    assert outage.returncode == OUTAGE_EXIT_CODE != USER_ERROR_EXIT_CODE, outage.stdout[-2000:]
    told = [line for line in outage.stdout.splitlines() if line.startswith("outage: ")]
    assert len(told) == 1
    assert str(away.postgres_port) in told[0]
