"""The network: one hidden layer on the concepts of a text, fitted on soft labels.

Fits are seeded and stopped early; a fit that collapses is repeated with another seed and learning rate.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass

import keras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

import numpy as np

from include.errors import UserError
from include.model.training import golden_weights
from include.statistics.classification import roc_auc

log = logging.getLogger(__name__)

ATTEMPTS = ((0, 3e-3), (1, 5e-3), (2, 1e-3))
"""For each attempt, what is added to the seed, and the learning rate."""
BATCH_SIZE = 128
PATIENCE = 3
HIDDEN = 64


class Collapsed(UserError):
    """Every attempt ended in a network that gives all posts the same score."""


@dataclass(frozen=True)
class NetworkRows:
    """Rows to fit the network on: concepts float32[n, width], probabilities float64[n], and the weight of
    each row in the loss, float64[n]."""

    concepts: np.ndarray
    probabilities: np.ndarray
    weights: np.ndarray

    def with_golden(self, concepts: np.ndarray, labels: np.ndarray) -> NetworkRows:
        """These rows and m rows with golden labels, float64[m]."""
        return NetworkRows(
            np.concatenate([self.concepts, concepts]),
            np.concatenate([self.probabilities, labels]),
            np.concatenate([self.weights, np.full(len(labels), golden_weights.NETWORK)]),
        )


class FittedNetwork:
    """A network fitted on weak labels, which can be refitted with golden ones; logits are uncalibrated."""

    def __init__(
        self,
        rows: NetworkRows,
        dev: NetworkRows,
        *,
        epochs: int,
        seed: int,
        learning_rate: float,
        attempt: int = 1,
    ) -> None:
        """Fit on ``rows`` until the loss on ``dev`` stops falling, for ``epochs`` at most."""
        self.rows, self.seed, self.learning_rate, self.attempt = rows, seed, learning_rate, attempt
        keras.utils.set_random_seed(seed)
        self.network = build_network(rows.concepts.shape[1], learning_rate)
        self.network.optimizer.build(self.network.trainable_variables)
        self._initial = [variable.numpy() for variable in self._variables]
        self.history = self._fit(rows, epochs, dev)
        self.weak_weights = self.network.get_weights()

    def refit(self, concepts: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
        """Weights from the same initial values and as many epochs, with golden rows beside the weak ones.

        Args:
            concepts: float32[m, width].
            labels: float64[m].
        """
        for variable, value in zip(self._variables, self._initial, strict=True):
            variable.assign(value)
        self._fit(self.rows.with_golden(concepts, labels), self.best_epoch)
        return self.network.get_weights()

    @property
    def best_epoch(self) -> int:
        return 1 + int(np.argmin([epoch["val_loss"] for epoch in self.history]))

    def logits(self, concepts: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
        """float64[n], of concepts float32[n, width]."""
        self.network.set_weights(weights)
        return np.asarray(self.network(concepts, training=False), dtype=np.float64)[:, 0]

    @property
    def _variables(self) -> list[keras.Variable]:
        return [*self.network.variables, *self.network.optimizer.variables]

    def _fit(self, rows: NetworkRows, epochs: int, dev: NetworkRows | None = None) -> list[dict[str, float]]:
        keras.utils.set_random_seed(self.seed)
        stop = keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE, restore_best_weights=True)
        history = self.network.fit(
            rows.concepts,
            rows.probabilities[:, None],
            sample_weight=rows.weights,
            validation_data=(dev.concepts, dev.probabilities[:, None], dev.weights) if dev else None,
            batch_size=BATCH_SIZE,
            epochs=epochs,
            callbacks=[stop] if dev else [],
            verbose=0,
        ).history
        return [
            {name: float(values[i]) for name, values in history.items()} for i in range(len(history["loss"]))
        ]


def fit_network(rows: NetworkRows, dev: NetworkRows, *, epochs: int, seed: int) -> FittedNetwork:
    """Fit a network on weak labels, with another seed and learning rate where a fit collapses.

    Raises:
        Collapsed: naming how many of each class there was to learn from.
    """
    for attempt, (more, learning_rate) in enumerate(ATTEMPTS, start=1):
        fitted = FittedNetwork(
            rows, dev, epochs=epochs, seed=seed + more, learning_rate=learning_rate, attempt=attempt
        )
        logits = fitted.logits(dev.concepts, fitted.weak_weights)
        if not _collapsed(logits, dev.probabilities > 0.5):
            return fitted
        log.warning("attempt %s (seed %s) gives all posts the same score", attempt, seed + more)
    positives = int((rows.probabilities > 0.5).sum())
    raise Collapsed(
        f"all {len(ATTEMPTS)} attempts ended in a model that gives all posts the same score; it had "
        f"{positives} posts about AI and {len(rows.probabilities) - positives} others to learn from: collect "
        "more of the rarer class, or look at the labelling functions' coverage (DAG label_dataset)"
    )


def build_network(width: int, learning_rate: float = 3e-3) -> keras.Model:
    """Concepts float32[n, width] (``include.model.features.featurizer.CONCEPTS``) -> logit float32[n, 1].

    Compiled for soft labels.
    """
    concepts = keras.Input((width,), name="concepts")
    hidden = keras.layers.Dense(HIDDEN, activation="relu")(concepts)
    hidden = keras.layers.Dropout(0.1)(hidden)
    network = keras.Model(concepts, keras.layers.Dense(1, name="logit")(hidden))
    network.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    return network


def _collapsed(logits: np.ndarray, labels: np.ndarray) -> bool:
    """Whether the logits don't separate the classes at all (AUC near chance, or all the same)."""
    if not np.isfinite(logits).all() or logits.std() < 1e-3:
        return True
    auc = roc_auc(labels, logits)
    return auc is not None and auc < 0.6
