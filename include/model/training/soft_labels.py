"""Texts with soft labels: the probability that each is about AI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SoftRow = tuple[str, str, float]
"""text_hash, text and probability."""


@dataclass(frozen=True)
class SoftLabelled:
    """Texts and the probability that each is about AI, float64[n]."""

    texts: Sequence[str]
    probabilities: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[SoftRow]) -> SoftLabelled:
        """The texts and probabilities of rows."""
        return cls([row[1] for row in rows], np.array([row[2] for row in rows], dtype=np.float64))

    @property
    def labels(self) -> np.ndarray:
        """The likelier class of each, bool[n]."""
        return self.probabilities > 0.5

    def only(self, rows: Sequence[int]) -> SoftLabelled:
        """Some of the rows, by their places."""
        return SoftLabelled([self.texts[row] for row in rows], self.probabilities[list(rows)])
