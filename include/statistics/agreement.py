"""Agreement of annotators beyond chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

Ratings = Mapping[str, Sequence[int]]
"""Text -> the labels given to it, one per annotator."""


def cohen_kappa(first: Sequence[int], second: Sequence[int]) -> float:
    """Cohen's kappa (1960) of two annotators on the same texts; nan where both only ever gave one label.

    >>> round(cohen_kappa([1, 1, 0, 0], [1, 0, 0, 0]), 2)
    0.5

    Raises:
        ValueError: lists of different length, or empty ones.
    """
    if len(first) != len(second) or not first:
        raise ValueError(f"two lists of equal length are needed, got {len(first)} and {len(second)} labels")
    n = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    left, right = Counter(first), Counter(second)
    expected = sum(left[label] * right[label] for label in left) / n**2
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")


def krippendorff_alpha(ratings: Ratings) -> float:
    """Krippendorff's alpha for nominal labels, any number of annotators, missing ones allowed.

    Texts with fewer than two labels are left out; nan where none is left, or all labels are the same.
    Formula: Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), C.

    >>> round(krippendorff_alpha({"a": [1, 1], "b": [0, 0], "c": [1, 0], "d": [0, 0]}), 3)
    0.533
    """
    units = [Counter(labels) for labels in ratings.values() if len(labels) >= 2]
    totals: Counter[int] = sum(units, Counter())
    n = totals.total()
    if n == 0 or len(totals) < 2:
        return float("nan")
    disagreement = sum(_unlike_pairs(unit) / (unit.total() - 1) for unit in units) / n
    by_chance = _unlike_pairs(totals) / (n * (n - 1))
    return 1 - disagreement / by_chance


def _unlike_pairs(labels: Counter[int]) -> int:
    """Ordered pairs of different labels."""
    return labels.total() ** 2 - sum(count**2 for count in labels.values())


def kappa_interval(
    first: Sequence[int], second: Sequence[int], *, seed: int = 0, rounds: int = 1000
) -> tuple[float, float]:
    """The 95 % bootstrap interval of kappa over texts; nan bounds where kappa has none."""
    labels = sorted({*first, *second})
    left, right = (
        np.array([[own == label for label in labels] for own in given]) for given in (first, second)
    )
    same = (left & right).any(axis=1)
    drawn = _resample(np.column_stack([same, left, right]).astype(float), seed, rounds)
    n, k = len(first), len(labels)
    expected = (drawn[:, 1 : k + 1] * drawn[:, k + 1 :]).sum(axis=1) / n**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return _bounds((drawn[:, 0] / n - expected) / (1 - expected))


def alpha_interval(ratings: Ratings, *, seed: int = 0, rounds: int = 1000) -> tuple[float, float]:
    """The 95 % bootstrap interval of alpha over texts; nan bounds where alpha has none."""
    units = [Counter(labels) for labels in ratings.values() if len(labels) >= 2]
    if not units:
        return float("nan"), float("nan")
    labels = sorted({label for unit in units for label in unit})
    rows = [[_unlike_pairs(unit) / (unit.total() - 1), *(unit[label] for label in labels)] for unit in units]
    drawn = _resample(np.array(rows, dtype=float), seed, rounds)
    totals = drawn[:, 1:]
    n = totals.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_chance = (n**2 - (totals**2).sum(axis=1)) / (n * (n - 1))
        return _bounds(1 - drawn[:, 0] / n / by_chance)


def _resample(rows: np.ndarray, seed: int, rounds: int) -> np.ndarray:
    """Column sums of ``rounds`` draws of all rows with replacement, [rounds, columns]."""
    n = len(rows)
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=rounds) @ rows


def _bounds(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [0.025, 0.975])
    return float(low), float(high)
