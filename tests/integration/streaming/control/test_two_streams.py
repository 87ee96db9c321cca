"""Two streams under a real process manager: starting, stopping and killing one leaves the other alone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.infra.processes import supervisor
from include.infra.processes.service import Service
from include.local_stack import daemon
from include.settings import Settings
from include.streaming.control import launcher
from tests.support.waiting import await_true

pytestmark = pytest.mark.stack

FIRST, SECOND = launcher.stream_program("first"), launcher.stream_program("second")


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A process manager that knows two streams, which are idle programs here."""
    own = settings.model_copy(update={"state_dir": tmp_path})
    idle = [sys.executable, "-c", "import time; time.sleep(600)"]
    daemon.launch([Service(name, idle, ready=lambda: True, autostart=False) for name in (FIRST, SECOND)], own)
    yield own
    daemon.end(own)


def test_what_happens_to_the_second_leaves_the_first_alone(own: Settings) -> None:
    assert launcher.ensure(own, "first") == "started"
    first = supervisor.state(FIRST, own).pid
    assert first

    assert launcher.ensure(own, "second") == "started"
    killed = supervisor.state(SECOND, own).pid
    assert killed not in (0, first)
    os.kill(killed, signal.SIGKILL)
    await_true(lambda: supervisor.state(SECOND, own).pid not in (0, killed), seconds=30)

    launcher.drain(own, "second")
    assert not launcher.launcher(own).is_active(SECOND)
    assert launcher.ensure(own, "first") == "already running"
    assert supervisor.state(FIRST, own).pid == first
