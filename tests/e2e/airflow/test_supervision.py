"""A stream under Airflow's watch: it is started again when it dies, and runs on when Airflow dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import httpx
import psutil
import pytest

from include.infra.postgres.connection import connect
from include.infra.processes import supervisor
from include.local_stack.airflow.api import AirflowApi
from include.local_stack.airflow.server import admin_password, url
from include.local_stack.environment import environment
from include.streaming.control.launcher import stream_program
from include.workloads.ai_tweets.samples import samples
from tests.support.waiting import await_true
from tools.drill.testbed import model

pytestmark = [pytest.mark.chain, pytest.mark.timeout(3600)]

DAG, STREAM = "stream_classifier", stream_program("ai_tweets")


@pytest.fixture(scope="module")
def airflow(stack) -> AirflowApi:
    """The REST API of a stack with some model in service."""
    if not (stack.settings.serving_dir / "models.config").exists():
        model.put_into_service(samples(), 1, {**stack.environment, **environment(stack.settings)})
    return AirflowApi(url(stack.settings), "admin", admin_password(stack.settings))


def test_a_dead_stream_is_started_again_and_a_restart_of_airflow_leaves_it_alone(stack, airflow) -> None:
    settings = stack.settings

    def pid() -> int:
        return supervisor.state(STREAM, settings).pid

    def state_of_watch() -> str:
        return _tasks(airflow, watching)["watch"]

    ensured = airflow.trigger(DAG, 0, {"action": "ensure"})
    airflow.wait(DAG, ensured, 1200)
    before = _restarts(settings)
    watching = f"watch_after_{ensured}"
    await_true(lambda: state_of_watch() == "deferred")

    supervisor.stop(STREAM, settings)  # a death that the process manager takes for wanted
    await_true(lambda: supervisor.state(STREAM, settings).name == "RUNNING")
    assert _restarts(settings) == before + 1

    second = airflow.trigger(DAG, 0, {"action": "watch"})
    airflow.wait(DAG, second, 1200)
    assert state_of_watch() == "deferred"

    stream = pid()
    dead = {name: supervisor.state(name, settings).pid for name in ("triggerer", "scheduler", "api-server")}
    sessions = _sessions_of(dead["scheduler"], settings)
    assert sessions
    for process in dead.values():
        os.kill(process, signal.SIGKILL)
    await_true(lambda: not _held(sessions, settings))
    await_true(
        lambda: all(supervisor.state(name, settings).pid not in (0, old) for name, old in dead.items())
    )
    await_true(lambda: _answer(state_of_watch) == "deferred")
    assert pid() == stream

    supervisor.stop(STREAM, settings)
    await_true(lambda: pid() not in (0, stream))
    assert _restarts(settings) == before + 2

    airflow.wait(DAG, airflow.trigger(DAG, 0, {"action": "drain"}), 1200)
    airflow.wait(DAG, watching, 1200)
    assert supervisor.state(STREAM, settings).name == "STOPPED"


def _tasks(airflow: AirflowApi, run_id: str) -> dict[str, str]:
    return {task["task_id"]: task["state"] for task in airflow._tasks(DAG, run_id)}


def _restarts(settings) -> int:
    with connect(settings) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM stream_restart").fetchall()
    return count


def _sessions_of(pid: int, settings) -> list[int]:
    """The ports from which a process talks to the database."""
    found = psutil.Process(pid).net_connections("tcp")
    return [at.laddr.port for at in found if at.raddr and at.raddr.port == settings.postgres_port]


def _held(ports: list[int], settings) -> bool:
    """Whether somebody, as a child of the dead process, holds such a session open, and its locks with it."""
    with connect(settings) as connection:
        query = "SELECT FROM pg_stat_activity WHERE client_port = ANY(%s)"
        return bool(connection.execute(query, [ports]).fetchall())


def _answer(ask: Callable[[], str]) -> str | None:
    """None while Airflow does not answer."""
    try:
        return ask()
    except httpx.HTTPError:
        return None
