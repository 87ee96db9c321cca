"""Whether a difference between two models is significant, and how many rows it takes to show it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Discordant:
    """Discordant rows: those on which exactly one of two models is right.

    better: rows on which only the candidate is right; worse: only the champion; n: all rows.
    """

    better: int
    worse: int
    n: int

    @classmethod
    def of(cls, labels: np.ndarray, new: np.ndarray, old: np.ndarray) -> Discordant:
        """Count them; labels, new, old: bool[n]."""
        right_new, right_old = new == labels, old == labels
        return cls(int((right_new & ~right_old).sum()), int((~right_new & right_old).sum()), len(labels))

    @property
    def drop(self) -> float:
        """How much lower the candidate's accuracy is than the champion's."""
        return (self.worse - self.better) / self.n if self.n else 0.0

    @property
    def p_value(self) -> float:
        """The exact two-sided McNemar test: a fair coin for each discordant row (McNemar 1947).

        With b and c discordant rows, p = min(1, 2 P(X <= min(b, c))), X ~ Binomial(b + c, 1/2).

        >>> round(Discordant(10, 2, 100).p_value, 4)
        0.0386
        """
        from scipy.stats import binomtest

        count = self.better + self.worse
        return float(binomtest(self.better, count, 0.5).pvalue) if count else 1.0

    @property
    def share(self) -> float:
        """The share of discordant rows."""
        return (self.better + self.worse) / self.n if self.n else 0.0


def rows_to_detect(difference: float, discordant_share: float, level: float = 0.05) -> int:
    """Rows by which McNemar's test detects a difference of accuracies with 80 % power.

    n = (z_{1-level/2} sqrt(q) + z_{0.8} sqrt(q - d^2))^2 / d^2, with the discordant share q and the
    difference d (Connor 1987, "Sample size for testing differences in proportions for the paired-sample
    design").

    >>> rows_to_detect(0.02, 0.10), rows_to_detect(0.05, 0.10)
    (1960, 312)
    """
    from scipy.stats import norm

    d, q = abs(difference), max(discordant_share, abs(difference))
    if not d:
        raise ValueError("no number of rows detects a difference of 0")
    root = norm.ppf(1 - level / 2) * math.sqrt(q) + norm.ppf(0.8) * math.sqrt(q - d * d)
    return math.ceil(float(root) ** 2 / d**2)


def rows_to_narrow(n: int, half_width: float, wanted: float) -> int:
    """Rows for an interval of the wanted half-width, as the width shrinks with the square root of n.

    >>> rows_to_narrow(100, 0.10, 0.05)
    400
    """
    if wanted <= 0:
        raise ValueError(f"an interval can't be {wanted} wide")
    return math.ceil(n * (half_width / wanted) ** 2 - 1e-9)
