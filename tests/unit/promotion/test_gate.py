"""The gate's verdicts on made-up answers."""

from __future__ import annotations

import json

import numpy as np

from include.promotion.gate import Scored, Verdict, decide

DICE = np.random.default_rng(7)


def rows(count: int) -> np.ndarray:
    return np.arange(count) % 3 == 0


def model(version: int, labels: np.ndarray, wrong: float) -> Scored:
    """Answers of which a share is wrong."""
    flipped = labels ^ (DICE.random(len(labels)) < wrong)
    return Scored(version, np.where(flipped, 0.9, 0.1), 0.5)


def test_the_first_model_passes_by_floors() -> None:
    labels = rows(300)
    decision = decide("golden", labels, model(2, labels, 0.05))
    assert decision.verdict is Verdict.PASS
    assert "no model is in service" in decision.reasons[-1]
    assert json.dumps(decision.evidence())


def test_floors() -> None:
    labels = rows(300)
    assert decide("golden", labels, model(2, labels, 0.6)).verdict is Verdict.FAIL
    for value in (0.9, 0.1, np.nan):
        decision = decide("golden", labels, Scored(2, np.full(300, value), 0.5))
        assert decision.verdict is Verdict.FAIL
        assert any("the same of nearly every post" in reason for reason in decision.reasons)


def test_a_worse_one_fails_and_a_better_one_passes() -> None:
    labels = rows(600)
    good, poor = model(1, labels, 0.02), model(2, labels, 0.2)
    assert decide("golden", labels, poor, good, 1).verdict is Verdict.FAIL
    assert decide("golden", labels, good, poor, 2).verdict is Verdict.PASS


def test_the_same_model_passes() -> None:
    labels = rows(100)
    same = model(1, labels, 0.1)
    assert decide("golden", labels, Scored(2, same.probabilities, 0.5), same, 1).verdict is Verdict.PASS


def test_too_few_rows_to_tell() -> None:
    labels = rows(60)
    one, other = np.where(labels, 0.9, 0.1), np.where(labels, 0.9, 0.1)
    one[[0, 1]], other[[3, 4]] = 0.5 - (labels[[0, 1]] - 0.5) * 0.8, 0.5 - (labels[[3, 4]] - 0.5) * 0.8
    decision = decide("golden", labels, Scored(2, one, 0.5), Scored(1, other, 0.5), 1)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert "too few rows to tell" in decision.reasons[-1]


def test_weak_labels_judge_by_floors_and_say_so() -> None:
    labels = rows(300)
    decision = decide("weak", labels, model(2, labels, 0.05), None, 1)
    assert decision.verdict is Verdict.PASS
    assert any("judged by weak labels" in reason for reason in decision.reasons)
    assert "version 1 in service was not compared" in decision.reasons[-1]


def behaviour(passed: int) -> dict:
    failures = [{"kind": "minimum", "name": "about AI", "texts": [f"text {i}"]} for i in range(10 - passed)]
    return {"passed": passed, "cases": 10, "by_kind": {"minimum": [passed, 10]}, "failures": failures}


def test_behaviour_under_its_floor_is_refused_and_named() -> None:
    labels = rows(300)
    good = model(2, labels, 0.02)
    decision = decide("golden", labels, good, behaviour=behaviour(6))
    assert decision.verdict is Verdict.FAIL
    assert "only 6 of 10 tests of minimum" in decision.reasons[-2]
    assert "about AI (text 3)" in decision.reasons[-2]
    assert decide("golden", labels, good, behaviour=behaviour(7)).verdict is Verdict.PASS
    assert any("no behavioural test" in reason for reason in decide("golden", labels, good).reasons)


def test_a_threshold_for_each_answer() -> None:
    labels = rows(300)
    shifted = Scored(2, np.where(labels, 0.4, 0.3), np.where(np.arange(300) < 150, 0.35, 0.38))
    assert decide("golden", labels, shifted).figures["candidate"]["f1"] == 1.0
