"""The DAG ``promote_model`` on a whole stack: what waits holds no worker, and outlives the triggerer."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from include.infra.postgres.connection import connect
from include.local_stack.airflow.api import AirflowApi
from include.local_stack.airflow.reply import Reply
from include.local_stack.airflow.server import admin_password, url
from tests.support.models import tiny_models
from tests.support.models.model_in_store import add_model, fill
from tests.support.promotion.whole_promotion import current_version
from tests.support.waiting import await_true

pytestmark = [pytest.mark.chain, pytest.mark.timeout(3600)]

VERSION = 9100


@pytest.fixture(scope="module")
def said(stack) -> list[str]:
    """What Airflow's API reported of the tasks' states."""
    fill(stack.settings.as_role("tasks"), VERSION)  # as tasks make a version
    return []


@pytest.fixture(scope="module")
def api(stack, said) -> AirflowApi:
    return AirflowApi(url(stack.settings), "admin", admin_password(stack.settings), say=said.append)


def promoted(api: AirflowApi, stack, **conf: Any) -> int:
    """Run to the end with a person's approval; returns the version that was to be promoted."""
    version = add_model(stack.settings, VERSION, tiny_models.classifier)
    conf = {
        "model_version": version,
        "reason": "a test",
        "override_reason": "the rollout itself is tried here",
        **conf,
    }
    run = api.trigger("promote_model", VERSION, conf)
    api.wait("promote_model", run, 1200, reply=Reply("Approve", {"why": "a test"}))
    return version


def test_a_version_comes_into_service(api, stack, said) -> None:
    version = promoted(api, stack)
    assert current_version(stack.settings) == version
    assert "promote_model.roll_out: deferred" in said


def test_a_triggerer_that_is_killed_in_a_canary_is_followed_by_the_next(api, stack, said) -> None:
    killed: list[int] = []
    watch = threading.Thread(target=lambda: killed.extend(kill_triggerer_in(stack.settings, "canary")))
    watch.start()
    version = promoted(api, stack)
    watch.join()
    assert killed
    assert current_version(stack.settings) == version
    with connect(stack.settings) as connection:
        rows = connection.execute(
            "SELECT outcome, evidence -> 'canary' -> 'figures' ->> 'psi' FROM promotion "
            "WHERE to_version = %s",
            [version],
        ).fetchall()
    assert [(outcome, float(psi)) for outcome, psi in rows] == [("promoted", 0.0)]


def test_the_way_back(api, stack) -> None:
    before = current_version(stack.settings)
    assert before is not None
    run = api.trigger("promote_model", VERSION, {"action": "rollback", "reason": "a test"})
    api.wait("promote_model", run, 1200)
    assert current_version(stack.settings) == before - 1


def kill_triggerer_in(settings, step: str) -> list[int]:
    """Wait for the step, then kill the triggerer and its children."""
    await_true(lambda: under_way(settings, step), 1200)
    found = [pid for pid in processes(settings.state_dir) if b"triggerer" in cmdline(pid)]
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return found


def under_way(settings, step: str) -> bool:
    with connect(settings) as connection:
        return bool(connection.execute("SELECT FROM rollout WHERE step = %s", [step]).fetchall())


def processes(state_dir: Path) -> list[int]:
    """The stack's processes, by its state folder in their environment."""
    mark, found = os.fsencode(state_dir), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
