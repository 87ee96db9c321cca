"""The lowest metrics, and whether there are enough labels to judge by."""

from __future__ import annotations

import numpy as np
import pytest

from include.promotion.gate.checks import Verdict
from include.promotion.gate.gate import evaluate_gate
from include.promotion.limits import PromotionLimits
from tests.support.promotion.scorings import LABELS, answered, check, good, outcomes, says, scoring, truth

LIMITS = PromotionLimits()


def test_metrics_computed_by_hand() -> None:
    """100 positives, 200 negatives: 40 hits, 30 false alarms."""
    positives, negatives = np.flatnonzero(LABELS), np.flatnonzero(~LABELS)
    wrong = [*positives[40:], *negatives[:30]]
    decision = evaluate_gate(scoring(LABELS, answered(2, says(LABELS, *wrong))), LIMITS)
    assert check(decision, "precision").value == pytest.approx(40 / 70)
    assert check(decision, "recall").value == pytest.approx(0.4)
    assert check(decision, "minority_recall").value == pytest.approx(0.4)
    assert check(decision, "f1").value == pytest.approx(80 / (80 + 30 + 60))
    assert outcomes(decision) == {"recall": "FAIL", "minority_recall": "FAIL", "f1": "FAIL"}


def test_the_rarer_class_counts_whichever_it_is() -> None:
    """It calls nearly all of the few negatives positive; precision, recall and F1 are high."""
    mostly = ~truth(300) | (np.arange(300) % 2 == 0)
    negatives = np.flatnonzero(~mostly)
    decision = evaluate_gate(scoring(mostly, answered(2, says(mostly, *negatives[5:]))), LIMITS)
    assert outcomes(decision) == {"minority_recall": "FAIL"}
    assert check(decision, "minority_recall").value == pytest.approx(5 / len(negatives))


@pytest.mark.parametrize("value", [0.9, 0.1])
def test_a_constant_is_no_model(value: float) -> None:
    decision = evaluate_gate(scoring(LABELS, answered(2, np.full(300, value))), LIMITS)
    assert outcomes(decision)["predicted_share"] == "FAIL"
    assert any("the same for nearly every post" in reason for reason in decision.reasons)


def test_an_inverted_model_fails() -> None:
    decision = evaluate_gate(scoring(LABELS, answered(2, 1 - says(LABELS))), LIMITS)
    assert {"precision", "recall", "f1"} <= outcomes(decision).keys()
    assert "predicted_share" not in outcomes(decision)


def test_no_probability_is_no_prediction() -> None:
    decision = evaluate_gate(scoring(LABELS, answered(2, np.full(300, np.nan), improper=300)), LIMITS)
    assert outcomes(decision)["probabilities"] == "FAIL"
    assert check(decision, "f1").value == 0


def test_a_threshold_for_each_answer() -> None:
    thresholds = np.where(np.arange(300) < 150, 0.35, 0.38).tolist()
    shifted = answered(2, np.where(LABELS, 0.4, 0.3), thresholds=thresholds)
    assert check(evaluate_gate(scoring(LABELS, shifted), LIMITS), "f1").value == 1.0


def test_too_few_golden_rows_are_inconclusive_with_the_count_that_is_needed() -> None:
    counts = {"golden": 48, "met_by_candidate": 8, "counted": 40, "counted_positives": 4}
    decision = evaluate_gate(scoring(LABELS, good(), judged_by="weak", counts=counts), LIMITS)
    assert outcomes(decision) == {"golden_rows": "INCONCLUSIVE"}
    found = check(decision, "golden_rows")
    assert (found.value, found.limit, found.needed) == (40, 50, 100)  # 4 of 40 are positive: 10 in 100
    assert "8 more do not" in found.text


def test_weak_labels_still_stop_what_is_below_the_limits() -> None:
    counts = {"golden": 0, "met_by_candidate": 0, "counted": 0, "counted_positives": 0}
    inverted = answered(2, 1 - says(LABELS))
    assert (
        evaluate_gate(scoring(LABELS, inverted, judged_by="weak", counts=counts), LIMITS).verdict
        is Verdict.FAIL
    )


def test_no_rows_at_all_are_inconclusive() -> None:
    counts = {"golden": 0, "met_by_candidate": 0, "counted": 0, "counted_positives": 0}
    nothing = np.zeros(0, dtype=bool)
    decision = evaluate_gate(scoring(nothing, answered(2, []), judged_by="none", counts=counts), LIMITS)
    assert outcomes(decision) == {"golden_rows": "INCONCLUSIVE"}
    assert check(decision, "golden_rows").needed == 50
