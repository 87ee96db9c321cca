"""How much a post of each class counts, so that the rarer class is learned."""

from __future__ import annotations

import numpy as np

MAX_POSITIVE_WEIGHT = 10.0


def positive_weight(probabilities: np.ndarray) -> float:
    """The weight of a post about AI: the root of the imbalance.

    The full ratio would give the noise of the few positives as much weight as all negatives together.

    >>> positive_weight(np.array([1.0] + [0.0] * 9))
    3.0
    """
    positive = probabilities.sum()
    ratio = (len(probabilities) - positive) / max(positive, 1e-9)
    return float(np.clip(np.sqrt(ratio), 1 / MAX_POSITIVE_WEIGHT, MAX_POSITIVE_WEIGHT))


def class_weights(probabilities: np.ndarray, positive: float) -> np.ndarray:
    """The weight of each post, float64[n], where one about AI weighs ``positive``."""
    return probabilities * positive + (1 - probabilities)
