"""The classifier's two parts, a network and a linear part, whose logits make one calibrated probability.

The network sees which of the labelling functions' lists a post matches, the linear part its words. Both are
fitted on weak labels once; a refit with any choice of golden rows takes seconds, which makes cross-fitting
affordable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from include.baselines.calibration import Calibration
from include.model.training import golden_weights
from include.model.training.class_weights import class_weights, positive_weight
from include.model.training.inputs import InputReader, Inputs, PartInputs
from include.model.training.linear import LinearWeights, fit_linear
from include.model.training.network import FittedNetwork, NetworkRows, fit_network
from include.model.training.soft_labels import SoftLabelled


@dataclass(frozen=True)
class PartWeights:
    """The weights of both parts after a fit."""

    linear: LinearWeights
    network: list[np.ndarray]


@dataclass(frozen=True)
class Classifier:
    """All that ``export_model`` needs."""

    reader: InputReader
    network: FittedNetwork
    weights: PartWeights
    calibration: Calibration


@dataclass(frozen=True)
class FittedParts:
    """Both parts fitted on weak labels, ready to be refitted with golden ones."""

    inputs: Inputs
    network: FittedNetwork
    weak: PartWeights

    def refit(self, labels: np.ndarray, rows: np.ndarray) -> PartWeights:
        """Weights after learning from golden rows as well.

        Args:
            labels: bool[n], of all golden rows.
            rows: bool[n], which of them to learn from.
        """
        golden = self.inputs.golden
        if golden is None or not rows.any():
            return self.weak
        chosen = np.flatnonzero(rows)
        values = labels[chosen].astype(np.float64)
        counts = np.full(len(chosen), golden_weights.LINEAR)
        linear = fit_linear(golden.ngrams[chosen], values, counts, self.weak.linear)
        return PartWeights(linear, self.network.refit(golden.concepts[chosen], values))

    def logits(self, inputs: PartInputs, weights: PartWeights) -> np.ndarray:
        """float64[n, 2], of the linear part and of the network."""
        linear = weights.linear.logits(inputs.ngrams)
        return np.stack([linear, self.network.logits(inputs.concepts, weights.network)], axis=1)

    def classifier(self, weights: PartWeights, calibration: Calibration) -> Classifier:
        """The classifier with these weights and this calibration."""
        return Classifier(self.inputs.reader, self.network, weights, calibration)


def fit_parts(
    inputs: Inputs, train: SoftLabelled, dev: SoftLabelled, *, epochs: int, seed: int
) -> FittedParts:
    """Fit both parts on weak labels.

    Raises:
        Collapsed: the network learned nothing.
    """
    positive = positive_weight(train.probabilities)
    weights, dev_weights = (class_weights(rows.probabilities, positive) for rows in (train, dev))
    network = fit_network(
        NetworkRows(inputs.train.concepts, train.probabilities, weights),
        NetworkRows(inputs.dev.concepts, dev.probabilities, dev_weights),
        epochs=epochs,
        seed=seed,
    )
    linear = fit_linear(inputs.train.ngrams, train.probabilities, weights)
    return FittedParts(inputs, network, PartWeights(linear, network.weak_weights))
