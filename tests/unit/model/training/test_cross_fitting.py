"""Cross-fitting: nobody is measured on what it learned from, and choices are made within folds."""

from __future__ import annotations

import numpy as np
import pytest

from include.model.training.cross_fitting import assign_folds, cross_fit

DICE = np.random.default_rng(3)
COUNT = 200
LABELS = DICE.random(COUNT) < 0.4
GROUPS = [f"g{number // 2}" for number in range(COUNT)]
LEARNABLE = np.arange(COUNT) % 10 != 0


def test_folds_keep_groups_whole_and_spread_the_classes() -> None:
    folds = assign_folds(GROUPS, LABELS, 5)
    assert (folds[::2] == folds[1::2]).all()
    assert set(folds) == set(range(5))
    shares = [LABELS[folds == fold].mean() for fold in range(5)]
    assert max(shares) - min(shares) < 0.15
    assert (assign_folds(GROUPS, LABELS, 5) == folds).all()
    assert (assign_folds(GROUPS, LABELS, 5, seed=1) != folds).any()


@pytest.mark.parametrize(("groups", "folds"), [(["a"] * COUNT, 5), (GROUPS, 2)])
def test_too_few_groups_or_folds(groups: list[str], folds: int) -> None:
    with pytest.raises(ValueError, match="folds for"):
        assign_folds(groups, LABELS, folds)


class Memory:
    """Knows by heart what it was given, and says the opposite of the truth of everything else."""

    def __init__(self) -> None:
        self.asked: list[np.ndarray] = []

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        self.asked.append(rows)
        truth = np.where(LABELS, 3.0, -3.0)
        return np.where(rows, truth, -truth)[:, None] + DICE.normal(size=(COUNT, 1))


def test_a_model_that_learns_by_heart_gains_nothing() -> None:
    found = cross_fit(memory := Memory(), LABELS, assign_folds(GROUPS, LABELS, 5), LEARNABLE)
    assert len(memory.asked) == 5 + 10
    assert not any(rows[~LEARNABLE].any() for rows in memory.asked)
    right = (found.probabilities >= found.thresholds) == LABELS
    assert right.mean() < 0.7


def test_a_model_that_knows_is_found_to_know() -> None:
    truth = np.where(LABELS, 2.0, -2.0)[:, None] + DICE.normal(size=(COUNT, 1))
    found = cross_fit(lambda _: truth, LABELS, assign_folds(GROUPS, LABELS, 5), LEARNABLE)
    assert ((found.probabilities >= found.thresholds) == LABELS).mean() > 0.9
    assert found.calibration.weights[0] > 0


def test_labels_of_a_fold_change_nothing_of_how_it_is_measured() -> None:
    """Answers and threshold of a fold come out the same whatever its own labels say."""
    folds = assign_folds(GROUPS, LABELS, 5)
    scores = DICE.normal(size=COUNT)
    labels = LABELS.copy()

    def learn(rows: np.ndarray) -> np.ndarray:
        return (scores + labels[rows].mean())[:, None]

    before = cross_fit(learn, labels, folds, LEARNABLE)
    held = folds == 2
    labels[held] = ~labels[held]
    after = cross_fit(learn, labels, folds, LEARNABLE)
    np.testing.assert_array_equal(before.probabilities[held], after.probabilities[held])
    np.testing.assert_array_equal(before.thresholds[held], after.thresholds[held])
    assert (before.probabilities[~held] != after.probabilities[~held]).any()
