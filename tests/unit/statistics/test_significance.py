"""Paired tests against values worked by hand and published ones."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from include.statistics.significance import Discordant, rows_to_detect, rows_to_narrow


@pytest.mark.parametrize(
    ("better", "worse", "p_value"),
    [
        (0, 0, 1.0),
        (1, 1, 1.0),
        (0, 5, 2 / 32),  # both tails of five coins: 2 * (1/2)^5
        (0, 6, 2 / 64),
        (2, 10, 2 * (1 + 12 + 66) / 4096),  # 2 * (C(12,0) + C(12,1) + C(12,2)) / 2^12
        (10, 2, 2 * (1 + 12 + 66) / 4096),
    ],
)
def test_exact_mcnemar_by_hand(better: int, worse: int, p_value: float) -> None:
    assert Discordant(better, worse, 100).p_value == pytest.approx(p_value, abs=1e-12)


def test_exact_mcnemar_is_the_two_sided_binomial() -> None:
    """Of 59 discordant pairs 16 go one way (Fay 2011, "Exact McNemar's test and matching confidence
    intervals", takes the same definition)."""
    tail = sum(comb(59, k) for k in range(17)) / 2**59
    assert Discordant(16, 43, 200).p_value == pytest.approx(2 * tail, rel=1e-9)


def test_discordant_rows_are_counted() -> None:
    labels = np.array([1, 1, 0, 0, 1], dtype=bool)
    new = np.array([1, 0, 0, 1, 1], dtype=bool)
    old = np.array([0, 1, 0, 0, 1], dtype=bool)
    pairs = Discordant.of(labels, new, old)
    assert (pairs.better, pairs.worse, pairs.n) == (1, 2, 5)
    assert pairs.drop == pytest.approx(0.2)
    assert pairs.share == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("difference", "share", "rows"),
    [
        (0.01, 0.05, 3923), (0.02, 0.05, 979), (0.03, 0.05, 434), (0.05, 0.05, 155),
        (0.01, 0.10, 7847), (0.05, 0.15, 469),
    ],
)  # fmt: skip
def test_rows_by_connors_formula(difference: float, share: float, rows: int) -> None:
    assert rows_to_detect(difference, share) == rows
    assert rows_to_detect(-difference, share) == rows


def test_a_difference_of_nothing_takes_no_number_of_rows() -> None:
    with pytest.raises(ValueError, match="difference of 0"):
        rows_to_detect(0.0, 0.1)


def test_half_the_width_takes_four_times_the_rows() -> None:
    assert rows_to_narrow(200, 0.08, 0.04) == 800
    assert rows_to_narrow(200, 0.08, 0.08) == 200
    with pytest.raises(ValueError, match="0 wide"):
        rows_to_narrow(200, 0.08, 0)
