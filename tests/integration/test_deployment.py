"""The preparation of a deployment against a real database, and the process manager in the foreground."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from include.deployment.prepare import prepare
from include.infra.postgres.connection import connect, conninfo
from include.infra.processes import supervisor
from include.local_stack.airflow import server as airflow
from include.serving.config import ModelConfig, read_config, write_config
from include.settings import Settings
from include.streaming.control.launcher import stream_program
from tests.support.waiting import await_true

pytestmark = pytest.mark.stack

STREAM = stream_program("ai_tweets")


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


def test_programs_are_driven_by_the_shared_socket(settings: Settings, tmp_path: Path) -> None:
    """As the DAG does from another container; the manager ends with its programs."""
    own = settings.model_copy(update={"state_dir": tmp_path})
    program = (
        "from include.deployment import stream_container; "
        "from include.infra.processes.service import Service; "
        "from include.settings import Settings; from pathlib import Path; "
        f"own = Settings(state_dir=Path({str(tmp_path)!r})); "
        "idle = lambda name: Service(name, ['sleep', '600'], ready=lambda: True, autostart=False); "
        "stream_container.stream_services = lambda _: [idle(STREAM), idle('feed')]; "
        "stream_container.write(own); stream_container.become_manager(own)"
    ).replace("STREAM", repr(STREAM))
    manager = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    try:
        await_true(lambda: supervisor.alive(own) and supervisor.state(STREAM, own).name == "RUNNING")
        assert not supervisor.state("feed", own).active
        supervisor.start("feed", own)
        assert supervisor.state("feed", own).active
        supervisor.stop(STREAM, own)
        assert not supervisor.state(STREAM, own).active
    finally:
        manager.send_signal(signal.SIGTERM)
        assert manager.wait(120) == 0
