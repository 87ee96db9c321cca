"""Who goes on with a rollout: the same run, its retry after a killed worker, or the next run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from include.infra.postgres.connection import connect
from include.promotion.errors import PromotionError
from include.promotion.rollout.record import Step
from include.settings import PROJECT_ROOT, Settings
from tests.support.promotion.rollouts import approved, rollout_of, serving
from tests.support.promotion.whole_promotion import ledger_rows
from tests.support.waiting import await_true

pytestmark = pytest.mark.stack

Store = Callable[..., int]


def test_a_run_goes_on_with_what_it_has_begun(production: Settings, store: Store, first: int) -> None:
    begun = rollout_of(production, version := store(), "run 1")
    assert not begun.go_on()
    again = rollout_of(production, version, "run 1")
    assert (again.record.id, again.record.step) == (begun.record.id, Step.LOADING)
    assert again.run() == version
    written = ledger_rows(production)
    assert rollout_of(production, version, "run 1").run() == version
    assert ledger_rows(production) == written
    rollout_of(production, first, "run 2", "rollback").run()
    assert rollout_of(production, first, "run 2", "rollback").run() == first
    assert ledger_rows(production)[len(written) :] == [("rollback", version, first, "promoted")]


def test_one_at_a_time_and_what_was_left_behind_is_taken_back(
    production: Settings, store: Store, first: int
) -> None:
    left, version = rollout_of(production, store(), "gone"), store()
    left.go_on()
    with pytest.raises(PromotionError, match=rf"rollout {left.record.id} of model version"):
        rollout_of(production, version, "other")
    with connect(production) as connection:
        connection.execute(
            "UPDATE rollout SET beat_at = now() - interval '1 hour' WHERE id = %s", [left.record.id]
        )
    assert rollout_of(production, version, "other").run() == version
    assert ledger_rows(production)[-2:] == [
        ("promote", first, left.record.to_version, "rolled_back"),
        ("promote", first, version, "promoted"),
    ]
    rollout_of(production, first, action="rollback").run()


@pytest.mark.parametrize("step", ["loading", "canary", "serving"])
def test_the_retry_of_a_killed_worker_finishes(
    production: Settings, store: Store, first: int, step: str
) -> None:
    version, run = store(), f"killed in {step}"
    approval = approved(version, first)
    environment = worker_environment(production) | {"TWEETSIEVE_CANARY_SECONDS": "3"}
    command = [
        sys.executable,
        "-m",
        "tests.support.promotion.worker_process",
        run,
        json.dumps(approval.to_json()),
    ]
    worker = subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment)
    await_true(lambda: step_of(production, run) == step, 120, poll=0.02)
    worker.kill()
    worker.wait()
    assert serving(production) in {first, version}
    retry = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, text=True, capture_output=True, timeout=600
    )
    assert f"done {version}" in retry.stdout, retry.stderr
    assert serving(production) == version
    assert ledger_rows(production)[-1] == ("promote", first, version, "promoted")
    rollout_of(production, first, action="rollback").run()


def worker_environment(settings: Settings) -> dict[str, str]:
    ours = {
        "TWEETSIEVE_MODEL_NAME": settings.model_name,
        "TWEETSIEVE_MODEL_STORE": str(settings.model_store),
        "TWEETSIEVE_SERVING_ROOT": str(settings.serving_root),
        "TWEETSIEVE_SERVING_PORT": str(settings.serving_port),
        "AIRFLOW_HOME": str(settings.state_dir / "worker"),
    }
    return os.environ | ours


def step_of(settings: Settings, run: str) -> str | None:
    with connect(settings) as connection:
        row = connection.execute(
            "SELECT step FROM rollout WHERE run_key = %s", [f"promote_model {run}"]
        ).fetchone()
    return row[0] if row else None
