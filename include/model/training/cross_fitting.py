"""Cross-fitting: every golden label measures models that learned neither from it nor from a near-duplicate.

What is chosen from labels (the calibration, the threshold) is chosen within the training folds as well: for
the models that fold i measures, on predictions of models that had neither fold i nor the predicted fold
(nested cross-fitting). With k folds that takes k + k (k - 1) / 2 fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from include.baselines.calibration import Calibration, fit_calibration
from include.statistics.classification import best_threshold

FOLDS = 5
SEED = 20200405

Learn = Callable[[np.ndarray], np.ndarray]
"""From bool[n], the golden rows to learn from, to logits [n, k] of all of them."""


@dataclass(frozen=True)
class CrossFitted:
    """Predictions of models that did not learn from the predicted rows, and what they were made with.

    probabilities, thresholds: float64[n]; folds: int[n]; calibration, threshold: for a model that learns from
    all of the rows.
    """

    probabilities: np.ndarray
    thresholds: np.ndarray
    folds: np.ndarray
    calibration: Calibration
    threshold: float


def assign_folds(
    groups: Sequence[str], labels: np.ndarray, folds: int = FOLDS, seed: int = SEED
) -> np.ndarray:
    """The fold of each row, int[n]: groups whole, classes spread evenly, the same for the same seed.

    Raises:
        ValueError: fewer groups than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    if folds < 3 or len(set(groups)) < folds:
        raise ValueError(f"{folds} folds for {len(set(groups))} groups: at least 3, and a group for each")
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    assigned = np.empty(len(labels), dtype=int)
    for number, (_, held) in enumerate(splitter.split(labels, labels, groups)):
        assigned[held] = number
    return assigned


def cross_fit(learn: Learn, labels: np.ndarray, folds: np.ndarray, learnable: np.ndarray) -> CrossFitted:
    """Predictions for every row by models that learned from the learnable rows of other folds.

    Args:
        learn: fits a model; called for k + k (k - 1) / 2 choices of rows.
        labels: bool[n].
        folds: int[n], see ``assign_folds``.
        learnable: bool[n]; the other rows are only predicted.
    """
    numbers = [int(number) for number in np.unique(folds)]
    outer = {i: learn(learnable & (folds != i)) for i in numbers}
    pairs = {
        (i, j): learn(learnable & (folds != i) & (folds != j)) for i in numbers for j in numbers if i < j
    }
    probabilities, thresholds = np.empty(len(labels)), np.empty(len(labels))
    for i in numbers:
        within = {j: pairs[min(i, j), max(i, j)] for j in numbers if j != i}
        calibration, threshold = _choose(within, labels, folds, learnable & (folds != i))
        held = folds == i
        probabilities[held] = calibration(outer[i][held])
        thresholds[held] = threshold
    calibration, threshold = _choose(outer, labels, folds, learnable)
    return CrossFitted(probabilities, thresholds, folds, calibration, threshold)


def _choose(
    by_fold: dict[int, np.ndarray], labels: np.ndarray, folds: np.ndarray, rows: np.ndarray
) -> tuple[Calibration, float]:
    """Calibration and threshold from logits; those in ``by_fold[j]`` are of a model without fold j."""
    logits = np.zeros_like(next(iter(by_fold.values())))
    for fold, found in by_fold.items():
        logits[folds == fold] = found[folds == fold]
    calibration = fit_calibration(logits[rows], labels[rows].astype(np.float64))
    return calibration, best_threshold(labels[rows], calibration(logits[rows]))
