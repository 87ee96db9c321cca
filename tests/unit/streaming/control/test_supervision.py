"""Looking after the stream; the programs are an in-memory launcher's, the tables real."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from include.infra.errors import StackError
from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.settings import Settings
from include.streaming.control import launcher
from include.streaming.control.supervision import HUNG_SECONDS, RESTARTS_PER_HOUR, look
from include.streaming.state.desired_state import WATCH_SECONDS, want
from include.streaming.state.progress import Progress

pytestmark = pytest.mark.stack


class Programs:
    """A process manager that remembers its orders."""

    def __init__(self) -> None:
        self.active, self.down = False, False
        self.calls: list[str] = []

    def start(self, program: str) -> None:
        self.calls.append("start")
        self.active = True

    def stop(self, program: str) -> None:
        self.calls.append("stop")
        self.active = False

    def is_active(self, program: str) -> bool:
        if self.down:
            raise StackError("the local stack is not running")
        return self.active

    def log_file(self, program: str) -> Path:
        return Path("stream.log")


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs()
    monkeypatch.setattr(launcher, "launcher", lambda settings: made)
    return made


@pytest.fixture
def workload(database: Settings) -> str:
    """A workload of its own that is to run."""
    name = f"t_{uuid.uuid4().hex[:8]}"
    with connect(database) as connection:
        want(connection, name, running=True)
    return name


def execute(settings: Settings, query: str, *values: object) -> None:
    with connect(settings) as connection:
        connection.execute(query, values)


def test_a_dead_stream_is_started_again_until_the_budget_is_spent(
    database: Settings, programs: Programs, workload: str
) -> None:
    states = []
    for _ in range(RESTARTS_PER_HOUR + 1):
        programs.active = False
        states.append(look(database, workload, "me").state)
        states.append(look(database, workload, "me").state)
    restarted = ["restarted", "runs"] * RESTARTS_PER_HOUR
    assert states == [*restarted, "given up", "given up"]
    assert programs.calls.count("start") == RESTARTS_PER_HOUR

    execute(database, "UPDATE stream_restart SET at = at - interval '1 hour' WHERE workload = %s", workload)
    assert look(database, workload, "me").state == "restarted"


def test_a_stream_that_was_drained_is_left_alone(
    database: Settings, programs: Programs, workload: str
) -> None:
    with connect(database) as connection:
        want(connection, workload, running=False)
    found = look(database, workload, "me")
    assert (found.state, found.over, programs.calls) == ("drained", True, [])


def test_a_program_that_runs_and_says_nothing_is_started_anew(
    database: Settings, programs: Programs, workload: str
) -> None:
    programs.active = True
    age = "UPDATE stream_wanted SET changed_at = now() - make_interval(secs => %s) WHERE workload = %s"
    execute(database, age, HUNG_SECONDS + 1, workload)
    with connect(database) as connection:
        Progress(workload, "q", "r", 1).write(connection)
    assert look(database, workload, "me").state == "runs"
    silent = "UPDATE stream_progress SET created_at = now() - make_interval(secs => %s) WHERE workload = %s"
    execute(database, silent, HUNG_SECONDS + 1, workload)
    assert look(database, workload, "me").state == "restarted"
    assert programs.calls == ["stop", "start"]
    assert look(database, workload, "me").state == "runs", "it has time to say its first word"


def test_one_watcher_at_a_time_and_a_lost_one_is_replaced(
    database: Settings, programs: Programs, workload: str
) -> None:
    programs.active = True
    assert look(database, workload, "first").state == "runs"
    assert look(database, workload, "second").state == "watched by another"
    age = "UPDATE stream_wanted SET watched_at = now() - make_interval(secs => %s) WHERE workload = %s"
    execute(database, age, WATCH_SECONDS + 1, workload)
    assert look(database, workload, "second").state == "runs"
    assert look(database, workload, "first").over


def test_outages_are_waited_out(database: Settings, programs: Programs, workload: str) -> None:
    away = database.model_copy(update={"postgres_port": free_ports(1)[0]})
    assert look(away, workload, "me").state == "unknown"
    programs.down = True
    found = look(database, workload, "me")
    assert (found.state, found.over) == ("unknown", False)
    assert "not running" in found.says
