"""Calibration: from the logits of one or more models to one probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from include.statistics.classification import sigmoid

LEAST = 1e-3


@dataclass(frozen=True)
class Calibration:
    """probability = sigmoid(logits @ weights + shift).

    Of several logits that is stacking (Wolpert 1992), of a single one Platt's calibration (1999).
    """

    weights: np.ndarray
    shift: float

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Logits [n, k] -> float64[n]."""
        return sigmoid(logits @ self.weights + self.shift)


def fit_calibration(logits: np.ndarray, probabilities: np.ndarray) -> Calibration:
    """Logistic regression of soft labels on logits [n, k] of models that did not learn from these rows.

    It also undoes the shift of the odds that comes from weighting the classes. A logit with a negative
    weight is left out: that can only be by chance.
    """
    from sklearn.linear_model import LogisticRegression

    spread = np.where(logits.std(axis=0) > 0, logits.std(axis=0), 1.0)
    both = np.concatenate([logits, logits]) / spread
    classes = np.repeat([1, 0], len(logits))
    counts = np.concatenate([probabilities, 1 - probabilities]).astype(np.float64)
    used = np.arange(logits.shape[1])
    while True:
        model = LogisticRegression(C=10.0).fit(both[:, used], classes, sample_weight=counts)
        against = model.coef_[0] <= 0
        if not against.any() or len(used) == 1:
            break
        used = np.delete(used, int(np.argmin(model.coef_[0])))
    weights = np.zeros(logits.shape[1])
    weights[used] = np.maximum(model.coef_[0] / spread[used], LEAST)
    return Calibration(weights, float(model.intercept_[0]))
