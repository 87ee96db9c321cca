"""The linear part: logistic regression on TF-IDF of words and word pairs.

A convex problem: the same rows give the same weights, and a refit that starts from the weights of weak labels
takes a fraction of a second. It covers words that are on none of the network's lists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

REGULARISATION_C = 4.0
"""The weight of the loss against the squared weights (scikit-learn's C), as in the TF-IDF baseline."""
FEWEST_TEXTS = 2
"""An n-gram that occurs in fewer texts is ignored."""
MAX_ITERATIONS = 60


@dataclass(frozen=True)
class NgramWeighting:
    """Inverse document frequencies, which turn counts into features; fitted without labels.

    idf: float64[ids], smoothed as in scikit-learn; 0 for n-grams that are ignored.
    """

    idf: np.ndarray

    @classmethod
    def fit(cls, counts: csr_matrix) -> NgramWeighting:
        """From how often each id occurs in each text, [n, ids].

        For the ids see ``include.model.features.featurizer``.
        """
        texts = counts.getnnz(axis=0)
        idf = np.log((1 + counts.shape[0]) / (1 + texts)) + 1
        return cls(np.where(texts >= FEWEST_TEXTS, idf, 0.0))

    def matrix(self, counts: csr_matrix) -> csr_matrix:
        """float64 [n, ids]: counts times idf, divided by the root of the sum of idf squared."""
        lengths = np.sqrt(counts @ self.idf**2 + 1e-6)
        weighted = counts.multiply(1 / lengths[:, None]).multiply(self.idf[None, :]).tocsr()
        weighted.eliminate_zeros()
        return weighted

    def table(self, weights: np.ndarray) -> np.ndarray:
        """float32 [ids, 2]: weight times idf, and idf squared; for ``saved_model.linear_logits``."""
        return np.stack([weights * self.idf, self.idf**2], axis=1).astype(np.float32)


@dataclass(frozen=True)
class LinearWeights:
    """One coefficient per id, float64[m], and the intercept."""

    coefficients: np.ndarray
    intercept: float

    def logits(self, matrix: csr_matrix) -> np.ndarray:
        """float64[n]."""
        return matrix @ self.coefficients + self.intercept


def fit_linear(
    matrix: csr_matrix, probabilities: np.ndarray, counts: np.ndarray, prior: LinearWeights | None = None
) -> LinearWeights:
    """Logistic regression on soft labels, penalising the squared distance from a prior (L-BFGS).

    Args:
        matrix: float64 [n, m].
        probabilities: float64[n], of the class AI.
        counts: float64[n], the weight of each row.
        prior: weights that the rows move; those of ids that are in no row stay. Default: zeros.
    """
    used = np.flatnonzero(matrix.getnnz(axis=0))
    part = matrix[:, used]
    transposed = part.T.tocsr()
    centre = np.zeros(len(used)) if prior is None else prior.coefficients[used]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        moved, logits = values[:-1] - centre, part @ values[:-1] + values[-1]
        total = counts @ (np.logaddexp(0, logits) - probabilities * logits)
        pulls = counts * (0.5 * (1 + np.tanh(0.5 * logits)) - probabilities)
        slope = np.append(transposed @ pulls + moved / REGULARISATION_C, pulls.sum())
        return float(total + moved @ moved / (2 * REGULARISATION_C)), slope

    first = np.append(centre, prior.intercept if prior else 0.0)
    with threadpool_limits(1):  # threads only wait for each other on vectors of this size
        found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": MAX_ITERATIONS}).x
    each = np.zeros(matrix.shape[1]) if prior is None else prior.coefficients.copy()
    each[used] = found[:-1]
    return LinearWeights(each, float(found[-1]))
