"""What the DAG does to a workload: its order, and its scorer; the programs are an in-memory launcher's."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from include.errors import UserError
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.control import actions, launcher
from include.streaming.control.supervision import check_stream
from include.streaming.programs import Producer, Program
from include.streaming.registry import UnknownWorkload, workload_named
from include.streaming.state.desired_state import chosen_scorer, is_wanted
from tests.support.streaming.recorded_programs import RecordedPrograms

pytestmark = pytest.mark.stack

NAME = "ai_tweets"
STREAM = launcher.stream_program(NAME)


@pytest.fixture
def programs(database: Settings, monkeypatch: pytest.MonkeyPatch) -> RecordedPrograms:
    made = RecordedPrograms()
    declared = replace(
        workload_named(NAME),
        services=(Program("service", "some.service"),),
        producers={"pipe": Producer((Program("pipe", "some.pipe"),))},
    )
    monkeypatch.setattr(launcher, "launcher", lambda settings: made)
    monkeypatch.setattr(actions, "workload_named", lambda name, _: declared)
    monkeypatch.setattr(actions, "wait_for_progress", lambda *arguments: {})
    with connect(database) as connection:
        connection.execute("DELETE FROM stream_wanted WHERE workload = %s", [NAME])
    return made


def asked(settings: Settings, question: Any) -> Any:
    with connect(settings) as connection:
        return question(connection, NAME)


def test_services_stand_before_the_stream_and_its_producer_comes_last(
    database: Settings, programs: RecordedPrograms
) -> None:
    actions.ensure_stream(NAME, feed="pipe")
    assert programs.calls == ["start service", f"start {STREAM}", "start pipe"]
    assert asked(database, is_wanted)
    programs.calls.clear()
    actions.drain_stream(NAME)
    assert programs.calls == ["stop pipe", f"stop {STREAM}", "stop service"]
    assert not asked(database, is_wanted)


def test_another_scorer_restarts_the_stream_and_the_same_one_does_not(
    database: Settings, programs: RecordedPrograms
) -> None:
    actions.ensure_stream(NAME, scorer="saved_model")
    assert asked(database, chosen_scorer) == "saved_model"
    restart = [f"stop {STREAM}", "start service", f"start {STREAM}"]
    for scorer, expected in (("saved_model", ["start service"]), ("tf_serving", restart), (None, restart)):
        programs.calls.clear()
        actions.ensure_stream(NAME, scorer=scorer)
        assert programs.calls == expected
        assert asked(database, chosen_scorer) == scorer


def test_a_drain_that_fails_leaves_the_former_choice_so_that_the_next_try_drains(
    database: Settings, programs: RecordedPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.ensure_stream(NAME)

    def killed(program: str) -> None:
        raise InterruptedError(f"killed while stopping {program}")

    with monkeypatch.context() as patch:
        patch.setattr(programs, "stop", killed)
        with pytest.raises(InterruptedError):
            actions.ensure_stream(NAME, scorer="saved_model")
    assert asked(database, chosen_scorer) is None
    actions.ensure_stream(NAME, scorer="saved_model")
    assert programs.calls[-3:] == [f"stop {STREAM}", "start service", f"start {STREAM}"]


def test_no_watcher_starts_the_former_scorer_while_the_stream_is_drained_for_another(
    database: Settings, programs: RecordedPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.ensure_stream(NAME)
    checks: list[str] = []
    watcher = threading.Thread(target=lambda: checks.append(check_stream(database, NAME, "me").state))

    def stop(program: str) -> None:
        programs.active.discard(program)
        watcher.start()
        while not _waits_for_a_lock(database):
            assert watcher.is_alive(), f"the watcher did not wait: {checks}"

    monkeypatch.setattr(programs, "stop", stop)
    actions.ensure_stream(NAME, scorer="saved_model")
    watcher.join(timeout=30)
    assert len(checks) == 1
    assert asked(database, chosen_scorer) == "saved_model"


def _waits_for_a_lock(settings: Settings) -> bool:
    query = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s)"
    with connect(settings) as connection:
        row = connection.execute(query, ["%stream_wanted%"]).fetchone()
    return bool(row and row[0])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"scorer": "oracle"}, "scorer 'oracle' of workload ai_tweets is none of"),
        ({"feed": "pigeon"}, "no live feed 'pigeon'"),
    ],
)
def test_what_is_unknown_starts_nothing(
    database: Settings, programs: RecordedPrograms, arguments: dict[str, str], complaint: str
) -> None:
    with pytest.raises(UserError, match=complaint):
        actions.ensure_stream(NAME, **arguments)
    assert programs.calls == []


@pytest.mark.parametrize("action", [actions.ensure_stream, actions.drain_stream])
def test_an_unknown_workload_lists_those_there_are(action: Any) -> None:
    with pytest.raises(UnknownWorkload, match=r"'nope' is none of: .*ai_tweets"):
        action("nope")


def test_nothing_is_chosen_for_a_workload_that_never_ran(connection: psycopg.Connection) -> None:
    assert chosen_scorer(connection, "never heard of") is None
