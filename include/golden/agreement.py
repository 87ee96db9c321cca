"""How far annotators agree beyond chance."""

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

    Texts with fewer than two labels say nothing and are left out; nan where none is left, or all
    labels are the same. Formula: Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), C.

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


def alpha_interval(ratings: Ratings, *, seed: int = 0, rounds: int = 1000) -> tuple[float, float]:
    """The 95 % bootstrap interval of alpha over texts; nan bounds where alpha has none."""
    texts = [labels for labels in ratings.values() if len(labels) >= 2]
    generator = np.random.default_rng(seed)
    drawn = [
        krippendorff_alpha({str(place): texts[pick] for place, pick in enumerate(picks)})
        for picks in generator.integers(0, len(texts), (rounds, len(texts)))
    ] if texts else []  # fmt: skip
    finite = [value for value in drawn if np.isfinite(value)]
    if not finite:
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [0.025, 0.975])
    return float(low), float(high)
