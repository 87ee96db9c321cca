"""How far the distribution of a new version's scores lies from the old version's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BINS = 10
MAX_PSI = 0.25
"""Above it a population counts as changed: Siddiqi, Credit Risk Scorecards (2006)."""
TIMES_EXPECTED = 2.0
"""This many times the index of the evaluation rows is allowed as well: a candidate that was approved although
it scores differently, as one that was trained on other posts does, scores differently in production too."""


def histogram(probabilities: np.ndarray) -> list[int]:
    """Counts in ``BINS`` equal bins of [0, 1]; NaN is left out."""
    counts, _ = np.histogram(probabilities, BINS, (0.0, 1.0))
    return [int(count) for count in counts]


def psi(old: Sequence[int], new: Sequence[int]) -> float:
    """Population stability index of two histograms; half a post is added to every bin.

    >>> psi([50, 50], [50, 50])
    0.0
    >>> round(psi([90, 10], [50, 50]), 1)
    0.9
    """
    before, after = (np.asarray(counts, float) + 0.5 for counts in (old, new))
    before, after = before / before.sum(), after / after.sum()
    return float(((after - before) * np.log(after / before)).sum())


def allowed_psi(judged: tuple[np.ndarray, np.ndarray] | None) -> float:
    """How far the scores of production's posts may move, given how far those of the evaluation rows did.

    Args:
        judged: what the old and the new version answered on the evaluation rows, float64[n] each; None where
            they were not compared.
    """
    if judged is None:
        return MAX_PSI
    old, new = judged
    return max(MAX_PSI, TIMES_EXPECTED * psi(histogram(old), histogram(new)))
