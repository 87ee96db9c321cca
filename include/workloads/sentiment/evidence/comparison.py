"""How far two versions differ on the same texts."""

from __future__ import annotations

from typing import Any

import numpy as np

from include.statistics.agreement import cohen_kappa
from include.statistics.correlation import correlation_difference, pearson, pearson_interval
from include.statistics.intervals import wilson

NEUTRAL = 0.05
"""|compound| below which VADER's authors call a text neutral."""
FEWEST_RATED = 30
"""Texts with ratings below which a correlation says nothing."""


def classes(compound: np.ndarray) -> np.ndarray:
    """-1 negative, 0 neutral, 1 positive: int[n], of float[n].

    >>> classes(np.array([-0.05, -0.04, 0.05])).tolist()
    [-1, 0, 1]
    """
    return (compound >= NEUTRAL).astype(int) - (compound <= -NEUTRAL).astype(int)


def compare(new: np.ndarray, old: np.ndarray) -> dict[str, Any]:
    """Agreement and shift of two versions' compound: float[n] each, of the same texts, n >= 2.

    Returns:
        n; the share of texts in the same class, with its 95 % interval; Cohen's kappa; the mean absolute
        difference; the share that differs at all; the distance of the distributions (Kolmogorov-Smirnov);
        both means; and the correlation. None where one is not defined.
    """
    from scipy.stats import ks_2samp

    ours, theirs = classes(new), classes(old)
    same = int((ours == theirs).sum())
    return {
        "n": len(new),
        "agreement": same / len(new),
        "agreement_interval": list(wilson(same, len(new))),
        "kappa": _known(cohen_kappa(ours.tolist(), theirs.tolist())),
        "mean_difference": float(np.abs(new - old).mean()),
        "different": float((new != old).mean()),
        "shift": float(ks_2samp(new, old).statistic),
        "means": [float(new.mean()), float(old.mean())],
        "correlation": _known(pearson(new, old)),
    }


def against_people(ratings: np.ndarray, new: np.ndarray, old: np.ndarray) -> dict[str, Any]:
    """Both versions' correlation with people's ratings, float[n] each, with 95 % intervals; n alone where
    there are fewer than FEWEST_RATED.
    """
    n = len(ratings)
    if n < FEWEST_RATED:
        return {"n": n}
    ours, theirs = pearson(new, ratings), pearson(old, ratings)
    difference, interval = correlation_difference(ratings, new, old)
    return {
        "n": n,
        "new": _known(ours),
        "new_interval": [_known(bound) for bound in pearson_interval(ours, n)],
        "old": _known(theirs),
        "old_interval": [_known(bound) for bound in pearson_interval(theirs, n)],
        "difference": _known(difference),
        "difference_interval": [_known(bound) for bound in interval],
    }


def _known(value: float) -> float | None:
    """JSON has no NaN."""
    return None if np.isnan(value) else float(value)
