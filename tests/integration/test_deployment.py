"""The preparation of a deployment against a real database, and the process manager in the foreground."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from include.deployment.prepare import prepare
from include.infra.postgres.connection import connect, conninfo
from include.infra.processes import supervisor
from include.local_stack.airflow import server as airflow
from include.serving.config import ModelConfig, read_config, write_config
from include.settings import Settings

pytestmark = pytest.mark.stack


def test_a_second_preparation_changes_nothing(database: Settings, tmp_path: Path) -> None:
    settings = database.model_copy(update={"state_dir": tmp_path, "airflow_database": "prepared_airflow"})
    prepare(settings)
    config = settings.serving_dir / "models.config"
    assert read_config(config) == []
    assert config.read_text().strip(), "the model server takes an empty file for no configuration at all"
    password = airflow.admin_password(settings)
    write_config(config, [ModelConfig("m", "/m", (3,))])
    prepare(settings)
    assert airflow.admin_password(settings) == password
    assert read_config(config)[0].versions == (3,)
    with psycopg.connect(conninfo(settings), dbname="prepared_airflow") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with connect(settings) as connection:
        assert connection.execute("SELECT to_regclass('promotion')").fetchone() != (None,)


def test_live_programs_are_driven_by_the_shared_socket(settings: Settings, tmp_path: Path) -> None:
    """As the DAG does from another container; the manager ends with its programs."""
    own = settings.model_copy(update={"state_dir": tmp_path})
    program = (
        "from include.deployment import stream_container as container; "
        "from include.infra.processes.service import Service; "
        "from include.settings import Settings; from pathlib import Path; "
        f"own = Settings(state_dir=Path({str(tmp_path)!r})); "
        "names = ('stream', 'feed'); "
        "container.live = lambda _: [Service(name, ['sleep', '600'], ready=lambda: True) for name in names]; "
        "container.write(own); container.become_manager(own)"
    )
    manager = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    try:
        awaited(lambda: supervisor.alive(own))
        awaited(lambda: supervisor.state("stream", own).name == "RUNNING")
        assert not supervisor.state("feed", own).active
        supervisor.start("feed", own)
        assert supervisor.state("feed", own).active
        supervisor.stop("stream", own)
        assert not supervisor.state("stream", own).active
    finally:
        manager.send_signal(signal.SIGTERM)
        assert manager.wait(120) == 0


def awaited(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
