"""The candidate against the champion on the same rows."""

from __future__ import annotations

import pytest

from include.promotion.gate.gate import evaluate_gate
from include.promotion.limits import PromotionLimits
from tests.support.promotion.scorings import LABELS, answered, check, good, outcomes, says, scoring, truth

LIMITS = PromotionLimits()


def test_a_champion_that_cannot_be_compared_is_inconclusive() -> None:
    made = scoring(LABELS, good(), in_service=1, not_compared="it is no longer in the model store")
    assert outcomes(evaluate_gate(made, LIMITS)) == {"champion": "INCONCLUSIVE"}


def test_a_difference_that_is_too_small_for_the_rows_says_how_many_would_suffice() -> None:
    labels = truth(60)
    ours, theirs = answered(2, says(labels, 0, 1, 2)), answered(1, says(labels, 3))
    decision = evaluate_gate(scoring(labels, ours, theirs), LIMITS)
    assert outcomes(decision) == {"f1_difference": "INCONCLUSIVE", "mcnemar": "INCONCLUSIVE"}
    for name in ("f1_difference", "mcnemar"):
        needed = check(decision, name).needed
        assert needed is not None
        assert needed > 60
    # b = 1, c = 3 of 60: d = 2/60, q = 4/60 by Connor's formula
    assert check(decision, "mcnemar").needed == 469


def test_a_proven_loss_within_the_margin_passes() -> None:
    """8 of 6,000 rows are lost, none won: p = 0.008, but 0.13 points are within the margin of 1."""
    labels = truth(6000)
    lost = answered(2, says(labels, *range(0, 80, 10)))
    decision = evaluate_gate(scoring(labels, lost, answered(1, says(labels))), LIMITS)
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
    decision = evaluate_gate(scoring(labels, ours, theirs, parts=parts(2000, rare)), LIMITS)
    assert str(check(decision, "slices").outcome) == expected
    assert set(outcomes(decision)) <= {"slices"}
    if expected != "PASS":
        assert "language 'ja'" in check(decision, "slices").text


def test_rows_that_the_champion_learned_from_are_mentioned() -> None:
    decision = evaluate_gate(scoring(LABELS, good(2), good(1).model_copy(update={"met_weakly": 7})), LIMITS)
    assert "learned from 7 of them" in check(decision, "champion").text
