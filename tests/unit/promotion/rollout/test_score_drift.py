"""How far scores may move."""

from __future__ import annotations

import numpy as np
import pytest

from include.promotion.rollout.score_drift import MAX_PSI, allowed_psi, histogram, psi


def test_a_histogram_counts_every_probability_and_no_nan() -> None:
    counts = histogram(np.array([0.0, 0.05, 0.95, 1.0, np.nan]))
    assert (counts[0], counts[-1], sum(counts)) == (2, 2, 4)


def test_scores_may_move_twice_as_far_as_those_of_the_evaluation_rows_did() -> None:
    before, after = np.array([0.1, 0.9] * 20), np.full(40, 0.55)
    moved = psi(histogram(before), histogram(after))
    assert allowed_psi((before, after)) == pytest.approx(2 * moved)


def test_where_those_did_not_move_or_are_unknown_the_usual_limit_holds() -> None:
    scores = np.array([0.1, 0.9] * 20)
    assert allowed_psi((scores, scores)) == allowed_psi(None) == MAX_PSI
