"""A rollout's steps on a real model server and a real database: proof, canary, undo, and who takes over."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from include.infra.postgres.connection import connect
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import PromotionError, PromotionFailed
from include.promotion.ledger import Ledger
from include.promotion.rollout.record import Step
from include.promotion.rollout.rollout import Rollout
from include.promotion.rollout.start import begin
from include.promotion.targets.local import LocalTarget
from include.serving.canary_window import CanaryWindow, open_canary
from include.serving.client import ServingClient, ServingUnavailable
from include.serving.config import read_config
from include.settings import PROJECT_ROOT, Settings
from include.streaming.engine.task import process
from include.streaming.registry import workload_named
from include.streaming.scorers.factory import make_scorer, scorers_of
from include.streaming.scorers.scoring import current_scoring
from include.streaming.sinks.base import Receipt
from include.streaming.traffic_shares import shares_of
from tests.support import tiny_models
from tests.support.kubernetes.load import load_on
from tests.support.messages import batch, post
from tests.support.model_in_store import add_model
from tests.support.model_server import model_server

pytestmark = pytest.mark.stack

Store = Callable[..., int]
APPROVED = {"evidence_hash": None, "approver": "ann", "reason": "a test"}


@pytest.fixture(scope="module")
def production(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("rollout")
    settings = database.model_copy(
        update={
            "model_name": "rolled_out_clf",
            "model_store": folder / "models",
            "serving_root": folder / "serving",
            "canary_seconds": 0.0,
        }
    )
    with model_server(settings.serving_port, settings.serving_dir / "models.config", folder / "logs"):
        yield settings


@pytest.fixture(scope="module")
def store(production: Settings) -> Store:
    """Puts a tiny model into the store; returns its version."""

    def add(**arguments: Any) -> int:
        return add_model(production, 7300, partial(tiny_models.classifier, **arguments))

    return add


@pytest.fixture(scope="module")
def first(production: Settings, store: Store) -> int:
    version = store()
    assert promotion(production, version).run() == version
    return version


def promotion(
    settings: Settings, version: int, run: str | None = None, action: Any = "promote", **options: Any
) -> Rollout:
    approved = ApprovedPromotion(action, version, Ledger(settings, "local").in_service(), **APPROVED)
    return begin(approved, settings, run or uuid4().hex, **options)


def serving(settings: Settings) -> int | None:
    with ServingClient(settings.model_url, settings.model_name, label="stable") as client:
        return client.predict(["all about ai"]).model_version


def history(settings: Settings) -> list[tuple]:
    with connect(settings) as connection:
        return connection.execute(
            "SELECT action, from_version, to_version, outcome FROM promotion "
            "WHERE model_name = %s ORDER BY id",
            [settings.model_name],
        ).fetchall()


def evidence(settings: Settings) -> dict[str, Any]:
    with connect(settings) as connection:
        row = connection.execute("SELECT evidence FROM promotion ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    return row[0]


def test_calls_for_the_label_are_answered_all_the_while(
    production: Settings, store: Store, first: int
) -> None:
    """Up, back, up and down again; a label never names a version that is not loaded."""
    second = store()
    with load_on(production, 50) as load:
        promotion(production, second).run()
        promotion(production, first, action="rollback").run()
        with pytest.raises(PromotionFailed, match="answers other probabilities"):
            promotion(production, store(), target=Swaps(production)).run()
        promotion(production, second).run()
    assert not load.failures
    assert load.answers.keys() == {first, second}
    promotion(production, first, action="rollback").run()
    (config,) = read_config(production.serving_dir / "models.config")
    assert (config.versions, config.labels) == ((first,), {"stable": first})
    assert serving(production) == first


class Swaps(LocalTarget):
    """A target on whose way from the store a model is taken for another one."""

    def publish(self, version: int, folder: Path) -> None:
        other = self._base.parent / "other"
        shutil.rmtree(other, ignore_errors=True)
        tiny_models.classifier(other, version, 0.4)
        super().publish(version, other)


class Dies(LocalTarget):
    """A target whose server does not outlive the candidate."""

    def load(self, version: int) -> str:
        if version == self.candidate:
            raise ServingUnavailable("no answer")
        return super().load(version)


def test_a_server_that_dies_of_it_is_not_waited_for_long(
    production: Settings, store: Store, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.promotion.rollout.rollout.OUTAGE_SECONDS", 0.5)
    target = Dies(production)
    target.candidate = version = store()
    with pytest.raises(PromotionFailed, match=r"no answer, for \d+ s. Rolled back"):
        promotion(production, version, target=target).run()
    assert serving(production) == first


def test_a_slow_one_is_stopped_before_it_gets_traffic(production: Settings, store: Store, first: int) -> None:
    slow = store(delay=600)
    with pytest.raises(PromotionFailed, match="is slow: 95 % of its answers take up to"):
        promotion(production, slow).run()
    assert evidence(production)["failed_in"] == "loading"
    assert serving(production) == first


def test_a_canary_opens_a_window_compares_and_closes_it(
    production: Settings, store: Store, first: int
) -> None:
    settings = production.model_copy(update={"canary_seconds": 1.5})
    rollout = promotion(settings, version := store())
    assert open_canary(settings) is None
    await_step(rollout, Step.CANARY)
    assert open_canary(settings) == CanaryWindow(version, 0.2)
    assert serving(settings) == first
    rows = classified(settings, ids := [str(number) for number in range(400)])
    chosen = shares_of([one.encode() for one in ids], (0.2, 0.8)) == 0
    assert rows == [version if one else first for one in chosen]
    assert rollout.run() == version
    assert open_canary(settings) is None
    figures = evidence(settings)["canary"]["figures"]
    assert figures["failure_rate_new"] == 0
    assert figures["psi"] == 0
    promotion(production, first, action="rollback").run()


def classified(settings: Settings, ids: list[str]) -> list[int]:
    """The model versions of the rows that the stream makes of posts."""
    workload = workload_named("ai_tweets", settings)
    scoring = current_scoring(workload, settings, "tf_serving")
    messages = batch([post(int(one), f"post {one} about ai") for one in ids])
    scorers = scorers_of(workload, scoring, settings, make_scorer)
    rows, dead = process(messages, workload, scorers, Receipt(0))
    assert dead.num_rows == 0
    assert rows.column("id").to_pylist() == ids
    return rows.column("model_version").to_pylist()


def test_a_canary_with_other_scores_is_taken_back(production: Settings, store: Store, first: int) -> None:
    settings = production.model_copy(update={"canary_seconds": 0.5})
    with pytest.raises(PromotionFailed, match="failed its canary: its scores of the same posts"):
        promotion(settings, store(probability=0.95)).run()
    assert evidence(settings)["failed_in"] == "canary"
    assert serving(production) == first


def await_step(rollout: Rollout, step: Step) -> None:
    deadline = time.monotonic() + 60
    while rollout.record.step is not step:
        assert not rollout.go_on()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_run_goes_on_with_what_it_has_begun(production: Settings, store: Store, first: int) -> None:
    begun = promotion(production, version := store(), "run 1")
    assert not begun.go_on()
    again = promotion(production, version, "run 1")
    assert (again.record.id, again.record.step) == (begun.record.id, Step.LOADING)
    assert again.run() == version
    written = history(production)
    assert promotion(production, version, "run 1").run() == version
    assert history(production) == written
    promotion(production, first, "run 2", "rollback").run()
    assert promotion(production, first, "run 2", "rollback").run() == first
    assert history(production)[len(written) :] == [("rollback", version, first, "promoted")]


def test_one_at_a_time_and_what_was_left_behind_is_taken_back(
    production: Settings, store: Store, first: int
) -> None:
    left, version = promotion(production, store(), "gone"), store()
    left.go_on()
    with pytest.raises(PromotionError, match=rf"rollout {left.record.id} of model version"):
        promotion(production, version, "other")
    with connect(production) as connection:
        connection.execute(
            "UPDATE rollout SET beat_at = now() - interval '1 hour' WHERE id = %s", [left.record.id]
        )
    assert promotion(production, version, "other").run() == version
    assert history(production)[-2:] == [
        ("promote", first, left.record.to_version, "rolled_back"),
        ("promote", first, version, "promoted"),
    ]
    promotion(production, first, action="rollback").run()


def test_judged_against_another_champion(production: Settings, store: Store, first: int) -> None:
    approved = ApprovedPromotion("promote", store(), 999, **APPROVED)
    with pytest.raises(PromotionError, match=r"approved in place of 999, but .* is in service now"):
        begin(approved, production, "x")


def test_posts_are_not_kept_in_the_record(production: Settings, first: int) -> None:
    with connect(production) as connection:
        rows = connection.execute(
            "SELECT probes FROM rollout WHERE step = 'ended' AND model_name = %s", [production.model_name]
        ).fetchall()
    assert rows
    assert all(probes == {} for (probes,) in rows)


@pytest.mark.parametrize("step", ["loading", "canary", "serving"])
def test_the_retry_of_a_killed_worker_finishes(
    production: Settings, store: Store, first: int, step: str
) -> None:
    version, run = store(), f"killed in {step}"
    approved = ApprovedPromotion("promote", version, first, **APPROVED)
    environment = worker_environment(production) | {"TWEETSIEVE_CANARY_SECONDS": "3"}
    command = [sys.executable, "-m", "tests.support.worker_process", run, json.dumps(approved.to_json())]
    worker = subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment)
    await_true(lambda: step_of(production, run) == step)
    worker.kill()
    worker.wait()
    assert serving(production) in {first, version}
    retry = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, text=True, capture_output=True, timeout=600
    )
    assert f"done {version}" in retry.stdout, retry.stderr
    assert serving(production) == version
    assert history(production)[-1] == ("promote", first, version, "promoted")
    promotion(production, first, action="rollback").run()


def worker_environment(settings: Settings) -> dict[str, str]:
    ours = {
        "TWEETSIEVE_MODEL_NAME": settings.model_name,
        "TWEETSIEVE_MODEL_STORE": str(settings.model_store),
        "TWEETSIEVE_SERVING_ROOT": str(settings.serving_root),
        "AIRFLOW_HOME": str(settings.state_dir / "worker"),
    }
    return os.environ | ours


def step_of(settings: Settings, run: str) -> str | None:
    with connect(settings) as connection:
        row = connection.execute(
            "SELECT step FROM rollout WHERE run_key = %s", [f"promote_model {run}"]
        ).fetchone()
    return row[0] if row else None


def await_true(condition: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)
