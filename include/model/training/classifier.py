"""The classifier: a network and a linear part, stacked into one calibrated probability.

The network reads which of the labelling functions' lists a post touches, the linear part its words. Both
learn from weak labels first; with golden ones they are fitted anew in seconds, for any choice of golden
rows: that makes cross-fitting cheap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from include.baselines.calibration import Stack
from include.datasets.golden_set import Labelled
from include.model.features.featurizer import Reader
from include.model.features.lexicon import Lexicon
from include.model.training.linear import Features, Weights, fit_linear
from include.model.training.network import Deep, Rows, SoftLabelled, class_weights, positive_weight

LINEAR_GOLDEN_WEIGHT = 1.0
"""How much a golden label's loss counts against leaving what the weak labels taught the linear part."""


@dataclass(frozen=True)
class Taught:
    """What the two parts have learned: the linear part's weights, and the network's."""

    linear: Weights
    deep: list[np.ndarray]


@dataclass(frozen=True)
class Classifier:
    """All that ``export_model`` needs."""

    reader: Reader
    deep: Deep
    features: Features
    taught: Taught
    stack: Stack


class Learner:
    """Everything learned from weak labels, ready to learn from golden ones."""

    def __init__(
        self, train: SoftLabelled, dev: SoftLabelled, golden: Labelled | None, *, epochs: int, seed: int
    ):
        self.reader = Reader(Lexicon.learn(train.texts))
        (concepts, counts), (dev_concepts, _) = self.reader.read(train.texts), self.reader.read(dev.texts)
        positive = positive_weight(train.probabilities)
        rows = Rows.weak(concepts, train.probabilities, positive)
        self.deep = Deep(rows, Rows.weak(dev_concepts, dev.probabilities, positive), epochs=epochs, seed=seed)
        self.features = Features.learn(counts)
        weights = class_weights(train.probabilities, positive)
        linear = fit_linear(self.features.matrix(counts), train.probabilities, weights)
        self.weak = Taught(linear, self.deep.weak)
        self._golden = golden
        if golden:
            self._concepts, golden_counts = self.reader.read(golden.texts)
            self._matrix = self.features.matrix(golden_counts)

    def golden_logits(self, learned: np.ndarray) -> np.ndarray:
        """float64[n, 2], linear part and network, of all golden rows, after learning from some (bool[n])."""
        taught = self.taught(learned)
        deep = self.deep.logits(self._concepts, taught.deep)
        return np.stack([taught.linear.logits(self._matrix), deep], axis=1)

    def logits(self, texts: Sequence[str], taught: Taught) -> np.ndarray:
        """float64[n, 2] of other texts."""
        concepts, counts = self.reader.read(texts)
        linear = taught.linear.logits(self.features.matrix(counts))
        return np.stack([linear, self.deep.logits(concepts, taught.deep)], axis=1)

    def taught(self, learned: np.ndarray) -> Taught:
        """What weak labels and these golden rows (bool[n]) teach."""
        if self._golden is None or not learned.any():
            return self.weak
        rows = np.flatnonzero(learned)
        labels = self._golden.labels[rows].astype(np.float64)
        counts = np.full(len(rows), LINEAR_GOLDEN_WEIGHT)
        linear = fit_linear(self._matrix[rows], labels, counts, self.weak.linear)
        return Taught(linear, self.deep.taught(self._concepts[rows], labels))

    def classifier(self, taught: Taught, stack: Stack) -> Classifier:
        return Classifier(self.reader, self.deep, self.features, taught, stack)
