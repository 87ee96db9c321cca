"""The gate as a whole: which checks are made, and what their outcomes come to."""

from __future__ import annotations

import json

from include.promotion.gate.checks import Verdict
from include.promotion.gate.gate import evaluate_gate
from include.promotion.limits import PromotionLimits
from include.promotion.scoring.record import PromotionScoring
from tests.support.promotion.scorings import LABELS, answered, check, good, outcomes, says, scoring

LIMITS = PromotionLimits()


def test_the_first_model_passes_without_comparison_and_its_check_says_so() -> None:
    decision = evaluate_gate(scoring(LABELS, good()), LIMITS)
    assert decision.verdict is Verdict.PASS
    assert "no model is in service" in check(decision, "champion").text
    assert not {"f1_difference", "mcnemar", "slices", "latency_ratio"} & {c.name for c in decision.checks}


def test_every_rule_has_a_name_a_value_and_a_limit() -> None:
    decision = evaluate_gate(scoring(LABELS, good(), answered(1, says(LABELS, 3, 4))), LIMITS)
    assert [one.name for one in decision.checks] == [
        "size", "loads", "probabilities", "repeatability", "latency", "latency_ratio", "behaviour_minimum",
        "golden_rows", "champion", "precision", "recall", "minority_recall", "f1", "predicted_share",
        "f1_difference", "mcnemar", "slices",
    ]  # fmt: skip
    valued = [one for one in decision.checks if one.name != "champion"]
    assert all(one.value is not None and one.limit is not None and one.text for one in valued)


def test_the_same_scoring_gives_the_same_evidence() -> None:
    made = scoring(LABELS, good(), answered(1, says(LABELS, 3, 4)))
    read_back = PromotionScoring.model_validate(json.loads(made.model_dump_json()))
    assert json.dumps(evaluate_gate(read_back, LIMITS).evidence()) == json.dumps(
        evaluate_gate(made, LIMITS).evidence()
    )


def test_a_model_that_does_not_load_is_judged_no_further() -> None:
    decision = evaluate_gate(scoring(LABELS, answered(2, [], load_error="broken", latency_ms=[])), LIMITS)
    assert outcomes(decision) == {"loads": "FAIL"}
    assert "broken" in decision.reasons[0]
    assert "f1" not in {one.name for one in decision.checks}


def test_an_equal_model_passes() -> None:
    decision = evaluate_gate(scoring(LABELS, good(2), good(1)), LIMITS)
    assert decision.verdict is Verdict.PASS
    assert check(decision, "f1_difference").value == 0
    assert check(decision, "mcnemar").value == 1


def test_a_better_one_passes_and_a_worse_one_fails() -> None:
    poor = answered(1, says(LABELS, *range(0, 300, 5)))
    assert evaluate_gate(scoring(LABELS, good(2), poor), LIMITS).verdict is Verdict.PASS
    decision = evaluate_gate(scoring(LABELS, poor.model_copy(update={"version": 2}), good(1)), LIMITS)
    assert outcomes(decision) == {"f1_difference": "FAIL", "mcnemar": "FAIL", "slices": "FAIL"}
    low, high = decision.figures["f1_difference"]["interval"]
    assert low < decision.figures["f1_difference"]["point"] < high < 0


def test_reasons_begin_with_failures() -> None:
    made = scoring(LABELS, good(megabytes=501.0), in_service=1, not_compared="it is gone")
    decision = evaluate_gate(made, LIMITS)
    assert "501.0 MB" in decision.reasons[0]
    assert "not compared" in decision.reasons[1]
    assert len(decision.reasons) == 2
    assert [one.name for one in decision.checks if one.outcome is decision.verdict] == ["size"]
