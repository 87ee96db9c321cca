"""The gate's rules on made-up scorings, each by itself."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from include.promotion.gate.checks import Check, Verdict, overall
from include.promotion.gate.gate import Decision, judge
from include.promotion.limits import BadLimits, GateLimits
from include.promotion.scoring.record import Scoring
from include.settings import Settings
from tests.support.scorings import BEHAVIOUR, answered, says, scoring, truth

LIMITS = GateLimits()
LABELS = truth(300)


def check(decision: Decision, name: str) -> Check:
    (found,) = [one for one in decision.checks if one.name == name]
    return found


def outcomes(decision: Decision) -> dict[str, str]:
    """The checks that did not pass."""
    return {one.name: str(one.outcome) for one in decision.checks if one.outcome is not Verdict.PASS}


def good(version: int = 2, **others: Any) -> Any:
    return answered(version, says(LABELS, 0, 1), **others)


def test_the_worst_outcome_is_the_verdict() -> None:
    def of(*outcomes: Verdict) -> Verdict:
        return overall(Check("c", outcome, None, None, "") for outcome in outcomes)

    assert of(Verdict.PASS, Verdict.PASS) is Verdict.PASS
    assert of(Verdict.PASS, Verdict.INCONCLUSIVE) is Verdict.INCONCLUSIVE
    assert of(Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.PASS) is Verdict.FAIL


def test_the_first_model_passes_by_floors_alone_and_says_so() -> None:
    decision = judge(scoring(LABELS, good()), LIMITS)
    assert decision.verdict is Verdict.PASS
    assert "no model is in service" in check(decision, "champion").text
    assert not {"f1_difference", "mcnemar", "slices", "latency_ratio"} & {c.name for c in decision.checks}


def test_every_rule_has_a_name_a_value_and_a_limit() -> None:
    decision = judge(scoring(LABELS, good(), answered(1, says(LABELS, 3, 4))), LIMITS)
    assert [one.name for one in decision.checks] == [
        "size", "loads", "probabilities", "repeatability", "latency", "latency_ratio", "behaviour_minimum",
        "golden_rows", "champion", "precision", "recall", "minority_recall", "f1", "predicted_share",
        "f1_difference", "mcnemar", "slices",
    ]  # fmt: skip
    valued = [one for one in decision.checks if one.name != "champion"]
    assert all(one.value is not None and one.limit is not None and one.text for one in valued)


def test_the_same_scoring_gives_the_same_evidence() -> None:
    made = scoring(LABELS, good(), answered(1, says(LABELS, 3, 4)))
    read_back = Scoring.model_validate(json.loads(made.model_dump_json()))
    assert json.dumps(judge(read_back, LIMITS).evidence()) == json.dumps(judge(made, LIMITS).evidence())


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
    decision = judge(scoring(LABELS, good(**facts)), LIMITS)
    assert outcomes(decision) == {name: "FAIL"}
    assert (check(decision, name).value, check(decision, name).limit) == (value, limit)


def test_at_its_limits_nothing_fails() -> None:
    facts = {
        "megabytes": 500.0, "load_seconds": 119.0, "repeat_difference": 1e-5, "latency_ms": [1000.0] * 10,
        "behaviour": {**BEHAVIOUR, "by_kind": {"minimum": [7, 10]}},
    }  # fmt: skip
    assert outcomes(judge(scoring(LABELS, good(**facts)), LIMITS)) == {}


def test_a_model_that_does_not_load_is_judged_no_further() -> None:
    decision = judge(scoring(LABELS, answered(2, [], load_error="broken", latency_ms=[])), LIMITS)
    assert outcomes(decision) == {"loads": "FAIL"}
    assert "broken" in decision.reasons[0]
    assert "f1" not in {one.name for one in decision.checks}


def test_no_answer_in_time_fails_the_latency() -> None:
    assert outcomes(judge(scoring(LABELS, good(latency_ms=[])), LIMITS)) == {"latency": "FAIL"}


@pytest.mark.parametrize(
    ("ours", "theirs", "failed"),
    [(31.0, 10.0, False), (50.0, 1.0, False), (151.0, 50.0, True), (150.0, 50.0, False)],
)
def test_latency_is_judged_by_the_champions_where_anybody_would_notice(
    ours: float, theirs: float, failed: bool
) -> None:
    champion = answered(1, says(LABELS, 0, 1), latency_ms=[theirs] * 20)
    decision = judge(scoring(LABELS, good(latency_ms=[ours] * 20), champion), LIMITS)
    assert outcomes(decision) == ({"latency_ratio": "FAIL"} if failed else {})
    assert check(decision, "latency_ratio").value == pytest.approx(ours / theirs)


def test_the_95th_percentile_is_what_counts() -> None:
    once_slow = [10.0] * 99 + [5000.0]
    assert outcomes(judge(scoring(LABELS, good(latency_ms=once_slow)), LIMITS)) == {}


def test_failed_behaviour_is_named() -> None:
    failures = [{"kind": "minimum", "name": "about AI", "texts": ["text 3"], "probabilities": [None]}]
    behaviour = {**BEHAVIOUR, "by_kind": {"minimum": [6, 10]}, "failures": failures}
    decision = judge(scoring(LABELS, good(behaviour=behaviour)), LIMITS)
    assert "about AI (text 3)" in check(decision, "behaviour_minimum").text


def test_floors_by_hand() -> None:
    """100 positives, 200 negatives: 40 hits, 30 false alarms."""
    positives, negatives = np.flatnonzero(LABELS), np.flatnonzero(~LABELS)
    wrong = [*positives[40:], *negatives[:30]]
    decision = judge(scoring(LABELS, answered(2, says(LABELS, *wrong))), LIMITS)
    assert check(decision, "precision").value == pytest.approx(40 / 70)
    assert check(decision, "recall").value == pytest.approx(0.4)
    assert check(decision, "minority_recall").value == pytest.approx(0.4)
    assert check(decision, "f1").value == pytest.approx(80 / (80 + 30 + 60))
    assert outcomes(decision) == {"recall": "FAIL", "minority_recall": "FAIL", "f1": "FAIL"}


def test_the_rarer_class_is_looked_at_whichever_it_is() -> None:
    """It calls nearly all of the few negatives positive; precision, recall and F1 are high."""
    mostly = ~truth(300) | (np.arange(300) % 2 == 0)
    negatives = np.flatnonzero(~mostly)
    decision = judge(scoring(mostly, answered(2, says(mostly, *negatives[5:]))), LIMITS)
    assert outcomes(decision) == {"minority_recall": "FAIL"}
    assert check(decision, "minority_recall").value == pytest.approx(5 / len(negatives))


@pytest.mark.parametrize("value", [0.9, 0.1])
def test_a_constant_is_no_model(value: float) -> None:
    decision = judge(scoring(LABELS, answered(2, np.full(300, value))), LIMITS)
    assert outcomes(decision)["predicted_share"] == "FAIL"
    assert any("the same of nearly every post" in reason for reason in decision.reasons)


def test_an_inverted_model_fails_the_floors() -> None:
    decision = judge(scoring(LABELS, answered(2, 1 - says(LABELS))), LIMITS)
    assert {"precision", "recall", "f1"} <= outcomes(decision).keys()
    assert "predicted_share" not in outcomes(decision)


def test_no_probability_is_no_prediction() -> None:
    decision = judge(scoring(LABELS, answered(2, np.full(300, np.nan), improper=300)), LIMITS)
    assert outcomes(decision)["probabilities"] == "FAIL"
    assert check(decision, "f1").value == 0


def test_a_threshold_for_each_answer() -> None:
    thresholds = np.where(np.arange(300) < 150, 0.35, 0.38).tolist()
    shifted = answered(2, np.where(LABELS, 0.4, 0.3), thresholds=thresholds)
    assert check(judge(scoring(LABELS, shifted), LIMITS), "f1").value == 1.0


def test_too_few_golden_rows_leave_it_open_with_the_count_that_is_needed() -> None:
    counts = {"golden": 48, "met_by_candidate": 8, "counted": 40, "counted_positives": 4}
    decision = judge(scoring(LABELS, good(), judged_by="weak", counts=counts), LIMITS)
    assert outcomes(decision) == {"golden_rows": "INCONCLUSIVE"}
    found = check(decision, "golden_rows")
    assert (found.value, found.limit, found.needed) == (40, 50, 100)  # 4 of 40 are positive: 10 in 100
    assert "8 more do not" in found.text


def test_weak_labels_still_stop_what_is_under_the_floors() -> None:
    counts = {"golden": 0, "met_by_candidate": 0, "counted": 0, "counted_positives": 0}
    inverted = answered(2, 1 - says(LABELS))
    assert judge(scoring(LABELS, inverted, judged_by="weak", counts=counts), LIMITS).verdict is Verdict.FAIL


def test_no_rows_at_all_leave_it_open() -> None:
    counts = {"golden": 0, "met_by_candidate": 0, "counted": 0, "counted_positives": 0}
    nothing = np.zeros(0, dtype=bool)
    decision = judge(scoring(nothing, answered(2, []), judged_by="none", counts=counts), LIMITS)
    assert outcomes(decision) == {"golden_rows": "INCONCLUSIVE"}
    assert check(decision, "golden_rows").needed == 50


def test_a_champion_that_cannot_be_compared_leaves_it_open() -> None:
    made = scoring(LABELS, good(), in_service=1, not_compared="it is no longer in the model store")
    assert outcomes(judge(made, LIMITS)) == {"champion": "INCONCLUSIVE"}


def test_an_equal_model_passes() -> None:
    decision = judge(scoring(LABELS, good(2), good(1)), LIMITS)
    assert decision.verdict is Verdict.PASS
    assert check(decision, "f1_difference").value == 0
    assert check(decision, "mcnemar").value == 1


def test_a_better_one_passes_and_a_worse_one_fails() -> None:
    poor = answered(1, says(LABELS, *range(0, 300, 5)))
    assert judge(scoring(LABELS, good(2), poor), LIMITS).verdict is Verdict.PASS
    decision = judge(scoring(LABELS, poor.model_copy(update={"version": 2}), good(1)), LIMITS)
    assert outcomes(decision) == {"f1_difference": "FAIL", "mcnemar": "FAIL", "slices": "FAIL"}
    low, high = decision.figures["f1_difference"]["interval"]
    assert low < decision.figures["f1_difference"]["point"] < high < 0


def test_too_few_rows_to_tell_a_small_difference_say_how_many_would() -> None:
    labels = truth(60)
    ours, theirs = answered(2, says(labels, 0, 1, 2)), answered(1, says(labels, 3))
    decision = judge(scoring(labels, ours, theirs), LIMITS)
    assert outcomes(decision) == {"f1_difference": "INCONCLUSIVE", "mcnemar": "INCONCLUSIVE"}
    for name in ("f1_difference", "mcnemar"):
        needed = check(decision, name).needed
        assert needed is not None
        assert needed > 60
    # b = 1, c = 3 of 60: d = 2/60, q = 4/60 by Connor's formula
    assert check(decision, "mcnemar").needed == 469


def test_a_proven_loss_within_the_margin_is_borne() -> None:
    """8 of 6,000 rows are lost, none won: p = 0.008, but 0.13 points are within the margin of 1."""
    labels = truth(6000)
    lost = answered(2, says(labels, *range(0, 80, 10)))
    decision = judge(scoring(labels, lost, answered(1, says(labels))), LIMITS)
    assert check(decision, "mcnemar").value == pytest.approx(2 / 2**8)
    assert outcomes(decision) == {}


def parts(count: int, rare: int) -> list[dict[str, str]]:
    return [{"language": "ja" if row < rare else "en"} for row in range(count)]


@pytest.mark.parametrize(
    ("rare", "lost", "expected"),
    [
        (60, range(0, 60, 3), "FAIL"),  # 20 of 60 lost: p = 2^-19
        (60, range(4), "INCONCLUSIVE"),  # 4 of 60 are 6.7 points, p = 0.125
        (60, range(3), "PASS"),  # 3 of 60 are 5 points: at the margin
        (49, range(0, 49, 3), "PASS"),  # too few rows to be a slice; the other rules see it
    ],
)
def test_a_slice_may_not_fall(rare: int, lost: range, expected: str) -> None:
    labels = truth(2000)
    won = range(1000, 1000 + len(lost))
    ours, theirs = answered(2, says(labels, *lost)), answered(1, says(labels, *won))
    decision = judge(scoring(labels, ours, theirs, parts=parts(2000, rare)), LIMITS)
    assert str(check(decision, "slices").outcome) == expected
    assert set(outcomes(decision)) <= {"slices"}
    if expected != "PASS":
        assert "language 'ja'" in check(decision, "slices").text


def test_the_champions_weak_knowledge_of_the_rows_is_said() -> None:
    decision = judge(scoring(LABELS, good(2), good(1).model_copy(update={"met_weakly": 7})), LIMITS)
    assert "met 7 of them" in check(decision, "champion").text


def test_reasons_begin_with_what_speaks_against_it() -> None:
    made = scoring(LABELS, good(megabytes=501.0), in_service=1, not_compared="it is gone")
    decision = judge(made, LIMITS)
    assert "501.0 MB" in decision.reasons[0]
    assert "not compared" in decision.reasons[1]
    assert len(decision.reasons) == 2
    assert [one.name for one in decision.checks if one.outcome is decision.verdict] == ["size"]


def test_settings_replace_the_limits_that_they_name() -> None:
    limits = GateLimits.of(Settings(gate_limits={"min_recall": 0.7, "min_golden": 80}))
    assert (limits.min_recall, limits.min_golden) == (0.7, 80)
    assert limits.min_precision == GateLimits().min_precision


@pytest.mark.parametrize("given", [{"min_recal": 0.5}, {"min_recall": 1.5}, {"min_golden": 0.5}])
def test_a_limit_that_is_none_is_named(given: dict[str, float]) -> None:
    with pytest.raises(BadLimits, match=f"TWEETSIEVE_GATE_LIMITS has {next(iter(given))}:"):
        GateLimits.of(Settings(gate_limits=given))
