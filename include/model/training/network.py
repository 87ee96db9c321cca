"""Fitting the network on soft labels: seeded, early stopped, never left collapsed."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

import keras

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

import numpy as np

from include.errors import UserError

log = logging.getLogger(__name__)

ATTEMPTS = ((0, 3e-3), (1, 5e-3), (2, 1e-3))
"""What is added to the seed, and the learning rate, of each try."""
BATCH_SIZE = 128
PATIENCE = 3
MAX_POSITIVE_WEIGHT = 10.0
GOLDEN_WEIGHT = 3.0
"""How many weak labels a golden one counts for in the network."""


class Collapsed(UserError):
    """Every try ended in a model that says the same of every post."""


@dataclass(frozen=True)
class SoftLabelled:
    """Texts and the probability that each is about AI, float64[n]."""

    texts: Sequence[str]
    probabilities: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """The likelier class of each, bool[n]."""
        return self.probabilities > 0.5


@dataclass(frozen=True)
class Rows:
    """What the network learns from: concepts float32[n, width], probabilities float64[n], and how much
    each counts, float64[n]."""

    concepts: np.ndarray
    probabilities: np.ndarray
    counts: np.ndarray

    @classmethod
    def weak(cls, concepts: np.ndarray, probabilities: np.ndarray, positive: float) -> Rows:
        """Rows of which one about AI counts ``positive``."""
        return cls(concepts, probabilities, class_weights(probabilities, positive))

    def with_golden(self, concepts: np.ndarray, labels: np.ndarray) -> Rows:
        """These and rows that people have labelled, bool[m]."""
        return Rows(
            np.concatenate([self.concepts, concepts]),
            np.concatenate([self.probabilities, labels]),
            np.concatenate([self.counts, np.full(len(labels), GOLDEN_WEIGHT)]),
        )


class Deep:
    """A network fitted on weak labels, that can be fitted anew with golden ones; its logits await
    calibration."""

    def __init__(self, train: Rows, dev: Rows, *, epochs: int, seed: int) -> None:
        """Fit until the loss on ``dev`` stops falling; try anew with another seed and rate on a collapse.

        Raises:
            Collapsed: naming how many of each class there was to learn from.
        """
        self.train = train
        for self.attempt, (more, self.learning_rate) in enumerate(ATTEMPTS, start=1):
            self.seed = seed + more
            keras.utils.set_random_seed(self.seed)
            self.network = build_network(train.concepts.shape[1], self.learning_rate)
            self.network.optimizer.build(self.network.trainable_variables)
            self._first = [variable.numpy() for variable in self._variables]
            self.history = self._fit(train, epochs, dev)
            self.weak = self.network.get_weights()
            if not _collapsed(self.logits(dev.concepts, self.weak), dev.probabilities > 0.5):
                return
            log.warning("try %s (seed %s) says the same of every post", self.attempt, self.seed)
        raise Collapsed(_nothing_learned(train.probabilities))

    def taught(self, concepts: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
        """Weights fitted anew, from the same beginning and for as long, on golden rows as well."""
        for variable, value in zip(self._variables, self._first, strict=True):
            variable.assign(value)
        self._fit(self.train.with_golden(concepts, labels), self.best_epoch)
        return self.network.get_weights()

    @property
    def best_epoch(self) -> int:
        return 1 + int(np.argmin([epoch["val_loss"] for epoch in self.history]))

    def logits(self, concepts: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
        """float64[n]."""
        self.network.set_weights(weights)
        return np.asarray(self.network(concepts, training=False), dtype=np.float64)[:, 0]

    @property
    def _variables(self) -> list[keras.Variable]:
        return [*self.network.variables, *self.network.optimizer.variables]

    def _fit(self, rows: Rows, epochs: int, dev: Rows | None = None) -> list[dict[str, float]]:
        keras.utils.set_random_seed(self.seed)
        stop = keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE, restore_best_weights=True)
        history = self.network.fit(
            rows.concepts,
            rows.probabilities[:, None],
            sample_weight=rows.counts,
            validation_data=(dev.concepts, dev.probabilities[:, None], dev.counts) if dev else None,
            batch_size=BATCH_SIZE,
            epochs=epochs,
            callbacks=[stop] if dev else [],
            verbose=0,
        ).history
        return [
            {name: float(values[i]) for name, values in history.items()} for i in range(len(history["loss"]))
        ]


def _nothing_learned(probabilities: np.ndarray) -> str:
    positives = int((probabilities > 0.5).sum())
    return (
        f"all {len(ATTEMPTS)} tries ended in a model that says the same of every post; it had "
        f"{positives} posts about AI and {len(probabilities) - positives} others to learn from: collect more "
        "of the rarer class, or look at the labelling functions' coverage (DAG label_dataset)"
    )


def positive_weight(probabilities: np.ndarray) -> float:
    """How much more a post about AI counts: the root of the imbalance.

    The full ratio makes the few positives' noise as loud as all negatives together.

    >>> positive_weight(np.array([1.0] + [0.0] * 9))
    3.0
    """
    positive = probabilities.sum()
    ratio = (len(probabilities) - positive) / max(positive, 1e-9)
    return float(np.clip(np.sqrt(ratio), 1 / MAX_POSITIVE_WEIGHT, MAX_POSITIVE_WEIGHT))


def class_weights(probabilities: np.ndarray, positive: float) -> np.ndarray:
    """How much each post counts, float64[n], where one about AI counts ``positive``."""
    return probabilities * positive + (1 - probabilities)


def _collapsed(logits: np.ndarray, labels: np.ndarray) -> bool:
    """Whether the logits don't tell the classes apart at all (AUC near chance, or all the same)."""
    if not np.isfinite(logits).all() or logits.std() < 1e-3:
        return True
    from include.statistics.classification import roc_auc

    auc = roc_auc(labels, logits)
    return auc is not None and auc < 0.6


HIDDEN = 64


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
