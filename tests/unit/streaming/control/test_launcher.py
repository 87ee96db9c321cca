"""Each workload's stream is a program of its own."""

from __future__ import annotations

import pytest

from include.settings import Settings
from include.streaming.control import launcher
from tests.support.streaming.recorded_programs import RecordedPrograms


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> RecordedPrograms:
    made = RecordedPrograms()
    monkeypatch.setattr(launcher, "launcher", lambda settings: made)
    return made


def test_a_running_stream_is_left_alone(settings: Settings, programs: RecordedPrograms) -> None:
    assert launcher.ensure(settings, "a") == "started"
    assert launcher.ensure(settings, "a") == "already running"
    launcher.drain(settings, "a")
    assert launcher.ensure(settings, "a") == "started"
    assert programs.calls == ["start stream-a", "stop stream-a", "start stream-a"]


def test_another_workloads_stream_is_left_alone(settings: Settings, programs: RecordedPrograms) -> None:
    launcher.ensure(settings, "a")
    assert launcher.ensure(settings, "b") == "started"
    launcher.drain(settings, "b")
    assert programs.active == {"stream-a"}
