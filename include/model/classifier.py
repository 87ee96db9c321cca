"""The classifier: a network and a linear part, stacked into one calibrated probability.

The network learns from weak labels alone, once. The linear part learns from those and from golden
labels, and can be fitted anew for any choice of golden rows in seconds: that makes cross-fitting cheap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from include.model.fit import Deep, SoftLabelled, class_weights, fit, positive_weight
from include.model.golden import Labelled
from include.model.linear import Features, Weights, fit_linear
from include.model.ngrams import Ngrams
from include.model.stack import Stack

GOLDEN_WEIGHT = 1.0
"""How much a golden label's loss counts against leaving what the weak labels taught the linear part."""


@dataclass(frozen=True)
class Classifier:
    """All that ``export_model`` needs."""

    deep: Deep
    ngrams: Ngrams
    features: Features
    weights: Weights
    stack: Stack


class Learner:
    """Everything learned from weak labels, ready to learn from golden ones."""

    def __init__(
        self, train: SoftLabelled, dev: SoftLabelled, golden: Labelled | None, *, epochs: int, seed: int
    ):
        self.deep = fit(train, dev, epochs=epochs, seed=seed)
        self.ngrams = Ngrams(self.deep.words)
        views = self.ngrams.views(list(train.texts))
        self.features = Features.learn(views, self.ngrams.sizes)
        counts = class_weights(train.probabilities, positive_weight(train.probabilities))
        self.weak = fit_linear(self.features.matrix(views), train.probabilities, counts)
        self._golden = golden
        if golden:
            self._golden_matrix = self._features(golden.texts)
            self._golden_deep = self.deep.logits(golden.texts)

    def golden_logits(self, learned: np.ndarray) -> np.ndarray:
        """float64[n, 2], linear part and network, of all golden rows, after learning from some (bool[n])."""
        return np.stack([self.weights(learned).logits(self._golden_matrix), self._golden_deep], axis=1)

    def logits(self, texts: Sequence[str], weights: Weights) -> np.ndarray:
        """float64[n, 2] of other texts."""
        return np.stack([weights.logits(self._features(texts)), self.deep.logits(texts)], axis=1)

    def weights(self, learned: np.ndarray) -> Weights:
        """The linear part's: what weak labels taught it, moved by these golden rows (bool[n])."""
        if self._golden is None or not learned.any():
            return self.weak
        labels = self._golden.labels[learned].astype(np.float64)
        rows = self._golden_matrix[np.flatnonzero(learned)]
        return fit_linear(rows, labels, np.full(len(labels), GOLDEN_WEIGHT), self.weak)

    def classifier(self, weights: Weights, stack: Stack) -> Classifier:
        return Classifier(self.deep, self.ngrams, self.features, weights, stack)

    def _features(self, texts: Sequence[str]) -> csr_matrix:
        return self.features.matrix(self.ngrams.views(list(texts)))
