"""Watching the stream from outside; the programs are an in-memory launcher's, the tables real."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.control import launcher
from include.streaming.state.commits import write_commit
from include.streaming.state.progress import Progress


class Programs:
    """Remembers what was started."""

    def __init__(self, log: Path, active: bool = True) -> None:
        self.log, self.active = log, active
        self.started: list[str] = []

    def start(self, program: str) -> None:
        self.started.append(program)

    def stop(self, program: str) -> None:
        self.active = False

    def is_active(self, program: str) -> bool:
        return self.active

    def log_file(self, program: str) -> Path:
        return self.log


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs(tmp_path / "stream.log")
    made.log.write_text("last words\n")
    monkeypatch.setattr(launcher, "launcher", lambda settings: made)
    return made


@pytest.fixture
def workload() -> str:
    return f"t_{uuid.uuid4().hex[:8]}"


def test_ensure_leaves_a_running_stream_alone(settings: Settings, programs: Programs) -> None:
    assert launcher.ensure(settings) == "already running"
    launcher.drain(settings)
    assert launcher.ensure(settings) == "started"
    assert programs.started == ["stream"]


@pytest.mark.stack
def test_a_committed_batch_newer_than_since_is_progress(
    database: Settings, programs: Programs, workload: str
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    with connect(database) as connection:
        write_commit(connection, workload, "q", 3, {"a": {0: 4}}, posts=4)
    found = launcher.wait_for_progress(database, 1, since, workload)
    assert (found["status"], found["batch_id"], found["posts"]) == ("committed", 3, 4)
    with pytest.raises(launcher.StreamDown, match=r"(?s)no progress.*nothing yet.*stream\.log.*last words"):
        launcher.wait_for_progress(database, 0, datetime.now(UTC) + timedelta(minutes=1), workload)


@pytest.mark.stack
def test_a_heartbeat_with_nothing_left_to_do_is_progress_too(
    database: Settings, programs: Programs, workload: str
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    with connect(database) as connection:
        Progress(workload, "q", "r", -1, lag=5, status="waiting for a model in service").write(connection)
    with pytest.raises(launcher.StreamDown, match="waiting for a model in service, 5 posts behind"):
        launcher.wait_for_progress(database, 0, since, workload)
    with connect(database) as connection:
        Progress(workload, "q", "r", -1, lag=0).write(connection)
    assert launcher.wait_for_progress(database, 1, since, workload)["lag"] == 0


@pytest.mark.stack
def test_a_stream_that_ended_is_not_waited_for(database: Settings, programs: Programs, workload: str) -> None:
    programs.active = False
    with pytest.raises(launcher.StreamDown, match=r"(?s)ended.*last words"):
        launcher.wait_for_progress(database, 600, datetime.now(UTC), workload)
