"""Metrics on hand-counted cases and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from include.statistics.classification import (
    auc_interval,
    best_threshold,
    calibration_error,
    confusion,
    evaluate,
    f1_difference,
    rates,
    roc_auc,
)

DICE = np.random.default_rng(1)
LABELS = DICE.random(400) < 0.3
SCORES = np.clip(LABELS * 0.4 + DICE.random(400) * 0.6, 0, 1)


def test_against_scikit_learn() -> None:
    found = evaluate(LABELS, SCORES, 0.45)
    predicted = SCORES >= 0.45
    assert found["precision"] == pytest.approx(precision_score(LABELS, predicted))
    assert found["recall"] == pytest.approx(recall_score(LABELS, predicted))
    assert found["f1"] == pytest.approx(f1_score(LABELS, predicted))
    assert (found["tp"], found["fp"], found["fn"], found["tn"]) == tuple(confusion(LABELS, predicted))
    assert found["n"] == 400


def test_the_interval_is_that_of_resampled_rows() -> None:
    predicted = SCORES >= 0.45
    resampled = []
    for _ in range(400):
        rows = DICE.integers(0, 400, 400)
        hits = 2 * np.count_nonzero(LABELS[rows] & predicted[rows])
        resampled.append(hits / (np.count_nonzero(LABELS[rows]) + np.count_nonzero(predicted[rows])))
    low, high = rates(confusion(LABELS, predicted))["f1_interval"]
    np.testing.assert_allclose([low, high], np.percentile(resampled, [2.5, 97.5]), atol=0.015)


def test_seeded() -> None:
    cells = np.array([10, 5, 5, 80])
    assert rates(cells) == rates(cells)


def test_one_class_only() -> None:
    found = evaluate(np.zeros(5), np.full(5, 0.2))
    assert found["auc"] is None
    assert found["average_precision"] is None
    assert (found["precision"], found["recall"], found["f1"]) == (0, 0, 0)


def test_refuses_nothing_and_unequal_lengths() -> None:
    for labels, scores in ((np.array([]), np.array([])), (np.array([1]), np.array([0.1, 0.2]))):
        with pytest.raises(ValueError, match="probabilities for"):
            evaluate(labels, scores)


class TestDifference:
    def test_is_paired(self) -> None:
        new, old = SCORES >= 0.45, SCORES >= 0.2
        point, (low, high) = f1_difference(LABELS, new, old)
        assert point == pytest.approx(f1_score(LABELS, new) - f1_score(LABELS, old))
        assert low < point < high

    def test_of_the_same_model_is_nothing(self) -> None:
        assert f1_difference(LABELS, SCORES > 0.4, SCORES > 0.4) == (0.0, (0.0, 0.0))


class TestThreshold:
    def test_stays_at_a_half_without_a_reason(self) -> None:
        labels = np.array([0, 0, 1, 1])
        assert best_threshold(labels, np.array([0.1, 0.2, 0.8, 0.9])) == 0.5
        assert best_threshold(np.zeros(4), np.array([0.1, 0.2, 0.8, 0.9])) == 0.5

    def test_moves_for_one(self) -> None:
        assert best_threshold(np.array([0, 0, 1, 1]), np.array([0.6, 0.65, 0.8, 0.9])) == pytest.approx(0.725)


def test_calibration_error() -> None:
    labels = np.array([1, 1, 0, 0])
    assert calibration_error(labels, np.array([1.0, 1.0, 0.0, 0.0])) == 0
    assert calibration_error(labels, np.full(4, 0.9)) == pytest.approx(0.4)


def test_the_interval_of_the_auc_is_that_of_the_bootstrap() -> None:
    noisy = SCORES + DICE.normal(size=400)
    drawn = [DICE.integers(400, size=400) for _ in range(1000)]
    resampled = np.percentile([roc_auc(LABELS[rows], noisy[rows]) for rows in drawn], [2.5, 97.5])
    interval = auc_interval(LABELS, noisy)
    assert interval is not None
    np.testing.assert_allclose(interval, resampled, atol=0.01)
    assert auc_interval(np.array([True, False, False]), np.array([0.5, 0.2, 0.1])) is None
