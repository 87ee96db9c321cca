"""The linear part: logistic regression on TF-IDF of words, word pairs and character n-grams.

A convex problem: the same rows give the same weights, and a few hundred golden labels move what weak
ones have taught, in a fraction of a second, where a network would learn them by heart. So this is
where golden labels enter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack
from threadpoolctl import threadpool_limits

STRENGTH = 4.0
"""How much a unit of loss counts against the squared weights: C of the TF-IDF baseline."""
FEWEST_TEXTS = 2
"""An n-gram of fewer texts is not looked at."""
ITERATIONS = 60


@dataclass(frozen=True)
class Features:
    """What turns counts into features, learned from texts without their labels.

    idfs: per view float64[numbers], 0 for what is not looked at.
    """

    idfs: tuple[np.ndarray, ...]

    @classmethod
    def learn(cls, views: Sequence[np.ndarray], sizes: Sequence[int]) -> Features:
        """From the texts' views (see ``include.model.ngrams``) and how many numbers each has."""
        return cls(tuple(_idf(_counts(ids, size)) for ids, size in zip(views, sizes, strict=True)))

    def matrix(self, views: Sequence[np.ndarray]) -> csr_matrix:
        """float64 [n, all numbers]: per view counts times idf, over the root of the sum of idf squared."""
        return hstack([_weighted(ids, idf) for ids, idf in zip(views, self.idfs, strict=True)], format="csr")

    def tables(self, weights: np.ndarray) -> list[np.ndarray]:
        """Per view float32 [numbers, 2]: weight times idf, and idf squared; for ``WeightedMean``."""
        parts = np.split(weights, np.cumsum([len(idf) for idf in self.idfs])[:-1])
        return [
            np.stack([part * idf, idf**2], axis=1).astype(np.float32)
            for part, idf in zip(parts, self.idfs, strict=True)
        ]


@dataclass(frozen=True)
class Weights:
    """One weight per number, float64[m], and the intercept."""

    each: np.ndarray
    intercept: float

    def logits(self, matrix: csr_matrix) -> np.ndarray:
        """float64[n]."""
        return matrix @ self.each + self.intercept


def fit_linear(
    matrix: csr_matrix, probabilities: np.ndarray, counts: np.ndarray, prior: Weights | None = None
) -> Weights:
    """Logistic regression on soft labels, with squared distances from a prior held down (L-BFGS).

    Args:
        matrix: float64 [n, m].
        probabilities: float64[n], of the class AI.
        counts: float64[n], how often each row counts.
        prior: weights that stay where the rows say nothing against them; default: zeros.
    """
    used = np.flatnonzero(matrix.getnnz(axis=0))
    part = matrix[:, used]
    transposed = part.T.tocsr()
    centre = np.zeros(len(used)) if prior is None else prior.each[used]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        moved, logits = values[:-1] - centre, part @ values[:-1] + values[-1]
        total = counts @ (np.logaddexp(0, logits) - probabilities * logits)
        pulls = counts * (0.5 * (1 + np.tanh(0.5 * logits)) - probabilities)
        slope = np.append(transposed @ pulls + moved / STRENGTH, pulls.sum())
        return float(total + moved @ moved / (2 * STRENGTH)), slope

    first = np.append(centre, prior.intercept if prior else 0.0)
    with threadpool_limits(1):  # threads only wait for each other on vectors of this size
        found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x
    each = np.zeros(matrix.shape[1]) if prior is None else prior.each.copy()
    each[used] = found[:-1]
    return Weights(each, float(found[-1]))


def _counts(ids: np.ndarray, size: int) -> csr_matrix:
    rows, columns = np.nonzero(ids)
    return csr_matrix((np.ones(len(rows)), (rows, ids[rows, columns])), shape=(len(ids), size))


def _idf(counts: csr_matrix) -> np.ndarray:
    """Smoothed as in scikit-learn: log((1 + n) / (1 + texts with it)) + 1."""
    texts = counts.getnnz(axis=0)
    idf = np.log((1 + counts.shape[0]) / (1 + texts)) + 1
    return np.where(texts >= FEWEST_TEXTS, idf, 0.0)


def _weighted(ids: np.ndarray, idf: np.ndarray) -> csr_matrix:
    counts = _counts(ids, len(idf))
    lengths = np.sqrt(counts @ idf**2 + 1e-6)
    weighted = counts.multiply(1 / lengths[:, None]).multiply(idf[None, :]).tocsr()
    weighted.eliminate_zeros()
    return weighted
