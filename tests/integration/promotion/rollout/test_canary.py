"""A canary on a real model server: the stream splits its posts, and both versions are compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from include.promotion.errors import PromotionFailed
from include.promotion.rollout.record import Step
from include.promotion.rollout.rollout import Rollout
from include.serving.canary_window import CanaryWindow, open_canary
from include.settings import Settings
from include.streaming.engine.task import process
from include.streaming.registry import workload_named
from include.streaming.scorers.factory import make_scorer, scorers_of
from include.streaming.scorers.plan import current_plan
from include.streaming.sinks.base import Receipt
from include.streaming.traffic_shares import shares_of
from tests.support.promotion.rollouts import last_evidence, rollout_of, serving
from tests.support.streaming.messages import batch, post
from tests.support.waiting import await_true

pytestmark = pytest.mark.stack

Store = Callable[..., int]


def test_a_canary_opens_a_window_compares_and_closes_it(
    production: Settings, store: Store, first: int
) -> None:
    settings = production.model_copy(update={"canary_seconds": 1.5})
    rollout = rollout_of(settings, version := store())
    assert open_canary(settings) is None
    await_step(rollout, Step.CANARY)
    assert open_canary(settings) == CanaryWindow(version, 0.2)
    assert serving(settings) == first
    rows = classified(settings, ids := [str(number) for number in range(400)])
    chosen = shares_of([one.encode() for one in ids], (0.2, 0.8)) == 0
    assert rows == [version if one else first for one in chosen]
    assert rollout.run() == version
    assert open_canary(settings) is None
    figures = last_evidence(settings)["canary"]["figures"]
    assert figures["failure_rate_new"] == 0
    assert figures["psi"] == 0
    rollout_of(production, first, action="rollback").run()


def classified(settings: Settings, ids: list[str]) -> list[int]:
    """The model versions of the rows that the stream makes of posts."""
    workload = workload_named("ai_tweets", settings)
    plan = current_plan(workload, settings, "tf_serving")
    messages = batch([post(int(one), f"post {one} about ai") for one in ids])
    scorers = scorers_of(workload, plan, settings, make_scorer)
    rows, dead = process(messages, workload, scorers, Receipt(0))
    assert dead.num_rows == 0
    assert rows.column("id").to_pylist() == ids
    return rows.column("model_version").to_pylist()


def test_a_canary_with_other_scores_is_taken_back(production: Settings, store: Store, first: int) -> None:
    settings = production.model_copy(update={"canary_seconds": 0.5})
    with pytest.raises(PromotionFailed, match="failed its canary: its scores of the same posts"):
        rollout_of(settings, store(probability=0.95)).run()
    assert last_evidence(settings)["failed_in"] == "canary"
    assert serving(production) == first


def await_step(rollout: Rollout, step: Step) -> None:
    def reached() -> bool:
        assert not rollout.go_on()
        return rollout.record.step is step

    await_true(reached, 60)
