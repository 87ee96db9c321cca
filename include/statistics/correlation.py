"""Pearson's correlation, with its interval, and the difference of two that share a side."""

from __future__ import annotations

import math

import numpy as np

RESAMPLES = 2_000
SEED = 20200405


def pearson(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's correlation of float[n] and float[n]; nan where one of them does not vary.

    >>> round(pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 7.0])), 3)
    0.993

    Raises:
        ValueError: of different length, or fewer than two.
    """
    if len(x) != len(y) or len(x) < 2:
        raise ValueError(f"{len(x)} and {len(y)} values: give the same number of both, at least two")
    if x.std() == 0 or y.std() == 0:
        return math.nan
    return float(np.corrcoef(x, y)[0, 1])


def pearson_interval(correlation: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a correlation of n pairs (Fisher 1921); nan where there are fewer than four.

    >>> [round(bound, 3) for bound in pearson_interval(0.878, 4200)]
    [0.871, 0.885]
    """
    if n < 4 or math.isnan(correlation):
        return math.nan, math.nan
    centre, spread = math.atanh(min(max(correlation, -0.999999), 0.999999)), 1.96 / math.sqrt(n - 3)
    return math.tanh(centre - spread), math.tanh(centre + spread)


def correlation_difference(
    truth: np.ndarray, new: np.ndarray, old: np.ndarray, seed: int = SEED
) -> tuple[float, tuple[float, float]]:
    """The correlation of ``new`` with ``truth`` minus that of ``old``; its paired 95 % bootstrap interval.

    Args:
        truth, new, old: float[n], of the same n texts; n >= 2.
    """
    rng, n = np.random.default_rng(seed), len(truth)
    drawn = (_difference(truth[rows], new[rows], old[rows]) for rows in _draws(rng, n))
    found = np.array([one for one in drawn if not math.isnan(one)])
    low, high = np.percentile(found, [2.5, 97.5]) if len(found) else (math.nan, math.nan)
    return _difference(truth, new, old), (float(low), float(high))


def _draws(rng: np.random.Generator, n: int) -> list[np.ndarray]:
    return [rng.integers(0, n, n) for _ in range(RESAMPLES)]


def _difference(truth: np.ndarray, new: np.ndarray, old: np.ndarray) -> float:
    return pearson(new, truth) - pearson(old, truth)
