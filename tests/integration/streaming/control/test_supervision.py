"""Watching over a stream; the programs are an in-memory launcher's, the tables real."""

from __future__ import annotations

import uuid

import pytest

from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.settings import Settings
from include.streaming.control import launcher
from include.streaming.control.supervision import HUNG_SECONDS, RESTARTS_PER_HOUR, check_stream
from include.streaming.state.desired_state import WATCH_SECONDS, want
from include.streaming.state.progress import Progress
from tests.support.streaming.recorded_programs import RecordedPrograms

pytestmark = pytest.mark.stack


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> RecordedPrograms:
    made = RecordedPrograms()
    monkeypatch.setattr(launcher, "launcher", lambda settings: made)
    return made


@pytest.fixture
def workload(database: Settings) -> str:
    """A workload of this test that is to run."""
    name = f"t_{uuid.uuid4().hex[:8]}"
    with connect(database) as connection:
        want(connection, name, running=True)
    return name


def execute(settings: Settings, query: str, *values: object) -> None:
    with connect(settings) as connection:
        connection.execute(query, values)


def test_a_dead_stream_is_started_again_until_the_budget_is_spent(
    database: Settings, programs: RecordedPrograms, workload: str
) -> None:
    states = []
    for _ in range(RESTARTS_PER_HOUR + 1):
        programs.active.clear()
        states.append(check_stream(database, workload, "me").state)
        states.append(check_stream(database, workload, "me").state)
    restarted = ["restarted", "running"] * RESTARTS_PER_HOUR
    assert states == [*restarted, "given up", "given up"]
    assert programs.calls.count(f"start stream-{workload}") == RESTARTS_PER_HOUR
    assert f"stream-{workload}.log" in check_stream(database, workload, "me").reason

    execute(database, "UPDATE stream_restart SET at = at - interval '1 hour' WHERE workload = %s", workload)
    assert check_stream(database, workload, "me").state == "restarted"


def test_each_workload_has_a_budget_and_a_program_of_its_own(
    database: Settings, programs: RecordedPrograms, workload: str
) -> None:
    other = f"{workload}_other"
    with connect(database) as connection:
        want(connection, other, running=True)
    programs.start(launcher.stream_program(other))
    before = list(programs.calls)
    for _ in range(RESTARTS_PER_HOUR + 1):
        programs.active.discard(launcher.stream_program(workload))
        check_stream(database, workload, "me")
    assert check_stream(database, other, "me").state == "running"
    assert not [call for call in programs.calls[len(before) :] if call.endswith(other)]
    programs.active.clear()
    assert check_stream(database, other, "me").state == "restarted"


def test_a_stream_that_was_drained_is_left_alone(
    database: Settings, programs: RecordedPrograms, workload: str
) -> None:
    with connect(database) as connection:
        want(connection, workload, running=False)
    found = check_stream(database, workload, "me")
    assert (found.state, found.finished, programs.calls) == ("drained", True, [])


def test_a_program_that_runs_and_reports_nothing_is_restarted(
    database: Settings, programs: RecordedPrograms, workload: str
) -> None:
    program = launcher.stream_program(workload)
    programs.active.add(program)
    age = "UPDATE stream_wanted SET changed_at = now() - make_interval(secs => %s) WHERE workload = %s"
    execute(database, age, HUNG_SECONDS + 1, workload)
    with connect(database) as connection:
        Progress(workload, "q", "r", 1).write(connection)
    assert check_stream(database, workload, "me").state == "running"
    silent = "UPDATE stream_progress SET created_at = now() - make_interval(secs => %s) WHERE workload = %s"
    execute(database, silent, HUNG_SECONDS + 1, workload)
    assert check_stream(database, workload, "me").state == "restarted"
    assert programs.calls == [f"stop {program}", f"start {program}"]
    assert check_stream(database, workload, "me").state == "running", "it has time for its first report"


def test_one_watcher_at_a_time_and_a_lost_one_is_replaced(
    database: Settings, programs: RecordedPrograms, workload: str
) -> None:
    programs.active.add(launcher.stream_program(workload))
    assert check_stream(database, workload, "first").state == "running"
    assert check_stream(database, workload, "second").state == "watched by another"
    age = "UPDATE stream_wanted SET watched_at = now() - make_interval(secs => %s) WHERE workload = %s"
    execute(database, age, WATCH_SECONDS + 1, workload)
    assert check_stream(database, workload, "second").state == "running"
    assert check_stream(database, workload, "first").finished


def test_outages_are_waited_out(database: Settings, programs: RecordedPrograms, workload: str) -> None:
    away = database.model_copy(update={"postgres_port": free_ports(1)[0]})
    assert check_stream(away, workload, "me").state == "unknown"
    programs.down = True
    found = check_stream(database, workload, "me")
    assert (found.state, found.finished) == ("unknown", False)
    assert "not running" in found.reason
