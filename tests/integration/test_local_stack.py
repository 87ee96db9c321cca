"""The process manager with a real PostgreSQL and a real broker: up, down, and what goes wrong."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from include.infra.errors import StackError
from include.infra.postgres.connection import connect
from include.infra.processes import paths, supervisor
from include.infra.processes.ports import free_ports
from include.infra.processes.service import Service
from include.local_stack import kafka, postgres, processes, stack
from include.settings import Settings

pytestmark = pytest.mark.stack


def quiet(_: str) -> None:
    """Progress lines are of no interest here."""


def helper(settings: Settings) -> Service:
    """A program that leaves a child in a process group of its own, as an Airflow task does."""
    code = (
        "import subprocess, sys, time;"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True);"
        "time.sleep(600)"
    )
    return Service(name="helper", command=[sys.executable, "-c", code], ready=lambda: True)


def services(settings: Settings) -> list[Service]:
    return [postgres.service(settings), kafka.service(settings), helper(settings)]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Settings]:
    """Settings of a stack that belongs to one test, which is down at the end whatever happened."""
    database, broker, controller = free_ports(3)
    own = Settings(
        state_dir=tmp_path / "state",
        postgres_port=database,
        kafka_port=broker,
        kafka_controller_port=controller,
    )
    yield own
    stack.down(own, quiet)


def of_stack(settings: Settings) -> list[psutil.Process]:
    """Processes of the stack, found by their command lines and by their mark."""
    state = str(settings.state_dir)
    by_path = [process for process in psutil.process_iter() if state in " ".join(_command_line(process))]
    return [*by_path, *processes.leftovers(settings)]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_up_twice_and_down_lose_no_data_and_leave_no_process(own: Settings):
    stack.up(own, quiet, services(own))
    pid = supervisor.state("postgres", own).pid
    with connect(own) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    stack.up(own, quiet, services(own))
    assert supervisor.state("postgres", own).pid == pid, "a second up started it again"
    for connection_ in psutil.net_connections("tcp"):
        if connection_.status == psutil.CONN_LISTEN and connection_.laddr.port in (
            own.postgres_port,
            own.kafka_port,
        ):
            assert connection_.laddr.ip in ("127.0.0.1", "::ffff:127.0.0.1")

    stack.down(own, quiet)
    assert of_stack(own) == []

    stack.up(own, quiet, services(own))
    with connect(own) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_down_and_up_after_the_process_manager_was_killed(own: Settings):
    stack.up(own, quiet, services(own))
    os.kill(int(paths.pid_file(own).read_text()), signal.SIGKILL)
    stack.up(own, quiet, services(own))
    assert supervisor.state("kafka", own).name == "RUNNING"
    os.kill(int(paths.pid_file(own).read_text()), signal.SIGKILL)
    stack.down(own, quiet)
    assert of_stack(own) == []


def test_a_taken_port_is_named_before_anything_starts(own: Settings):
    with (
        socket.create_server(("127.0.0.1", own.kafka_port)),
        pytest.raises(StackError, match=f"port {own.kafka_port} is taken.*TWEETSIEVE_KAFKA_PORT"),
    ):
        stack.up(own, quiet, services(own))
    assert of_stack(own) == []


def test_a_program_that_dies_is_shown_with_the_end_of_its_log(own: Settings):
    code = "import sys; sys.exit('the disk is made of cheese')"
    broken = Service(name="broken", command=[sys.executable, "-c", code], ready=lambda: False)
    with pytest.raises(StackError, match=r"(?s)broken died.*made of cheese"):
        stack.up(own, quiet, [postgres.service(own), broken])


def test_other_settings_need_a_down_first(own: Settings):
    stack.up(own, quiet, [postgres.service(own)])
    changed = own.model_copy(update={"kafka_partitions": 7})
    changed = Settings(**changed.model_dump(exclude_defaults=True))
    with pytest.raises(StackError, match=r"TWEETSIEVE_KAFKA_PARTITIONS.*make down"):
        stack.up(changed, quiet, [postgres.service(changed)])


def test_talking_to_a_stack_that_is_down(own: Settings):
    with pytest.raises(StackError, match="make up"):
        supervisor.start("stream-ai_tweets", own)
    stack.down(own, quiet)
    assert stack.status(own) == []


def test_the_state_folder_is_deleted_only_where_it_is_one(own: Settings, tmp_path: Path):
    stranger = Settings(state_dir=tmp_path)
    with pytest.raises(StackError, match="not deleted"):
        stack.delete_state(stranger, quiet)
    stack.up(own, quiet, [postgres.service(own)])
    stack.delete_state(own, quiet)
    assert not own.state_dir.exists()
