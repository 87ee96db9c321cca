"""The linear part: logistic regression on TF-IDF of words and word pairs.

A convex problem: the same rows give the same weights, and a few hundred golden labels move what weak
ones have taught, in a fraction of a second. It sees what the network's lists don't hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

STRENGTH = 4.0
"""How much a unit of loss counts against the squared weights: C of the TF-IDF baseline."""
FEWEST_TEXTS = 2
"""An n-gram of fewer texts is not looked at."""
ITERATIONS = 60


@dataclass(frozen=True)
class Features:
    """What turns counts into features, learned from texts without their labels.

    idf: float64[numbers], smoothed as in scikit-learn; 0 for what is not looked at.
    """

    idf: np.ndarray

    @classmethod
    def learn(cls, counts: csr_matrix) -> Features:
        """From how often each text has each number, [n, numbers].

        For the numbers see ``include.model.features.featurizer``.
        """
        texts = counts.getnnz(axis=0)
        idf = np.log((1 + counts.shape[0]) / (1 + texts)) + 1
        return cls(np.where(texts >= FEWEST_TEXTS, idf, 0.0))

    def matrix(self, counts: csr_matrix) -> csr_matrix:
        """float64 [n, numbers]: counts times idf, over the root of the sum of idf squared."""
        lengths = np.sqrt(counts @ self.idf**2 + 1e-6)
        weighted = counts.multiply(1 / lengths[:, None]).multiply(self.idf[None, :]).tocsr()
        weighted.eliminate_zeros()
        return weighted

    def table(self, weights: np.ndarray) -> np.ndarray:
        """float32 [numbers, 2]: weight times idf, and idf squared; for ``export.weighted_mean``."""
        return np.stack([weights * self.idf, self.idf**2], axis=1).astype(np.float32)


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
