"""Agreement against values worked out by hand and by the literature."""

from __future__ import annotations

import math

import pytest

from include.statistics.agreement import alpha_interval, cohen_kappa, krippendorff_alpha


def test_kappa_of_a_textbook_table() -> None:
    # Wikipedia's example: 20 both yes, 5 and 10 apart, 15 both no -> 0.4
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_kappa_of_one_label_is_unknown() -> None:
    assert math.isnan(cohen_kappa([1, 1], [1, 1]))


def test_kappa_needs_pairs() -> None:
    with pytest.raises(ValueError, match="equal length"):
        cohen_kappa([1], [])


def test_alpha_of_krippendorffs_own_example() -> None:
    # Krippendorff (2011), example B: two observers, ten units, binary data -> 0.095
    first = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    second = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    units = {str(unit): pair for unit, pair in enumerate(zip(first, second, strict=True))}
    assert krippendorff_alpha(units) == pytest.approx(0.095, abs=0.001)


def test_alpha_leaves_single_labels_out() -> None:
    ratings = {"a": [1, 1], "b": [0, 0], "c": [1]}
    assert krippendorff_alpha(ratings) == 1.0
    assert math.isnan(krippendorff_alpha({"c": [1]}))


def test_the_interval_holds_alpha() -> None:
    ratings = {str(unit): [unit % 2, unit % 2 if unit % 5 else 1] for unit in range(60)}
    low, high = alpha_interval(ratings, rounds=200)
    assert low < krippendorff_alpha(ratings) < high
    assert all(math.isnan(bound) for bound in alpha_interval({}))
