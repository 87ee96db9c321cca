"""Faults of a model as something that serves: each fails at its own check."""

from __future__ import annotations

from typing import Any

import pytest

from include.promotion.gate.gate import evaluate_gate
from include.promotion.limits import PromotionLimits
from tests.support.promotion.scorings import BEHAVIOUR, LABELS, answered, check, good, outcomes, says, scoring

LIMITS = PromotionLimits()


@pytest.mark.parametrize(
    ("facts", "name", "value", "limit"),
    [
        ({"megabytes": 500.1}, "size", 500.1, 500),
        ({"load_error": "it failed to load", "load_seconds": None}, "loads", None, 120),
        ({"improper": 1, "improper_text": "not a finite number"}, "probabilities", 1, 0),
        ({"repeat_difference": 2e-5}, "repeatability", 2e-5, 1e-5),
        ({"latency_ms": [1200.0] * 10}, "latency", 1200.0, 1000),
        ({"behaviour": {**BEHAVIOUR, "by_kind": {"minimum": [6, 10]}}}, "behaviour_minimum", 0.6, 0.7),
    ],
)
def test_a_fault_fails_at_its_own_check(facts: dict, name: str, value: float | None, limit: float) -> None:
    decision = evaluate_gate(scoring(LABELS, good(**facts)), LIMITS)
    assert outcomes(decision) == {name: "FAIL"}
    assert (check(decision, name).value, check(decision, name).limit) == (value, limit)


def test_at_its_limits_nothing_fails() -> None:
    facts: dict[str, Any] = {
        "megabytes": 500.0, "load_seconds": 119.0, "repeat_difference": 1e-5, "latency_ms": [1000.0] * 10,
        "behaviour": {**BEHAVIOUR, "by_kind": {"minimum": [7, 10]}},
    }  # fmt: skip
    assert outcomes(evaluate_gate(scoring(LABELS, good(**facts)), LIMITS)) == {}


def test_no_answer_in_time_fails_the_latency() -> None:
    assert outcomes(evaluate_gate(scoring(LABELS, good(latency_ms=[])), LIMITS)) == {"latency": "FAIL"}


@pytest.mark.parametrize(
    ("ours", "theirs", "failed"),
    [(31.0, 10.0, False), (50.0, 1.0, False), (151.0, 50.0, True), (150.0, 50.0, False)],
)
def test_latency_is_compared_with_the_champions_above_what_anybody_would_notice(
    ours: float, theirs: float, failed: bool
) -> None:
    champion = answered(1, says(LABELS, 0, 1), latency_ms=[theirs] * 20)
    decision = evaluate_gate(scoring(LABELS, good(latency_ms=[ours] * 20), champion), LIMITS)
    assert outcomes(decision) == ({"latency_ratio": "FAIL"} if failed else {})
    assert check(decision, "latency_ratio").value == pytest.approx(ours / theirs)


def test_the_95th_percentile_is_what_counts() -> None:
    once_slow = [10.0] * 99 + [5000.0]
    assert outcomes(evaluate_gate(scoring(LABELS, good(latency_ms=once_slow)), LIMITS)) == {}


def test_failed_behaviour_is_named() -> None:
    failures = [{"kind": "minimum", "name": "about AI", "texts": ["text 3"], "probabilities": [None]}]
    behaviour = {**BEHAVIOUR, "by_kind": {"minimum": [6, 10]}, "failures": failures}
    decision = evaluate_gate(scoring(LABELS, good(behaviour=behaviour)), LIMITS)
    assert "about AI (text 3)" in check(decision, "behaviour_minimum").text
