"""Waiting for a stream's first progress; the programs are an in-memory launcher's, the tables real."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.control import launcher
from include.streaming.control.first_progress import StreamDown, wait_for_progress
from include.streaming.state.commits import Reached, write_commit
from include.streaming.state.progress import Progress
from tests.support.streaming.recorded_programs import RecordedPrograms

pytestmark = pytest.mark.stack


@pytest.fixture
def workload() -> str:
    return f"t_{uuid.uuid4().hex[:8]}"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workload: str) -> RecordedPrograms:
    made = RecordedPrograms(tmp_path)
    made.start(launcher.stream_program(workload))
    made.log_file(launcher.stream_program(workload)).write_text("last words\n")
    monkeypatch.setattr(launcher, "launcher", lambda settings: made)
    return made


def test_a_committed_batch_newer_than_since_is_progress(
    database: Settings, programs: RecordedPrograms, workload: str
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    with connect(database) as connection:
        write_commit(connection, workload, "q", 3, Reached({"a": {0: 4}}), {"rows": 4})
    found = wait_for_progress(database, workload, 1, since)
    assert (found["status"], found["batch_id"], found["posts"]) == ("committed", 3, 4)
    expected = rf"(?s){workload} made no progress.*nothing yet.*stream-{workload}\.log.*last words"
    with pytest.raises(StreamDown, match=expected):
        wait_for_progress(database, workload, 0, datetime.now(UTC) + timedelta(minutes=1))


def test_a_heartbeat_with_nothing_left_to_do_is_progress_too(
    database: Settings, programs: RecordedPrograms, workload: str
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    with connect(database) as connection:
        Progress(workload, "q", "r", -1, lag=5, status="waiting for a model in service").write(connection)
    with pytest.raises(StreamDown, match="waiting for a model in service, 5 messages behind"):
        wait_for_progress(database, workload, 0, since)
    with connect(database) as connection:
        Progress(workload, "q", "r", -1, lag=0).write(connection)
    assert wait_for_progress(database, workload, 1, since)["lag"] == 0


def test_a_stream_that_ended_is_not_waited_for(
    database: Settings, programs: RecordedPrograms, workload: str
) -> None:
    programs.stop(launcher.stream_program(workload))
    with pytest.raises(StreamDown, match=rf"(?s)the stream of {workload} ended.*last words"):
        wait_for_progress(database, workload, 600, datetime.now(UTC))
