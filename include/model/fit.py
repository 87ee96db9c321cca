"""Fitting the network on soft labels: seeded, early stopped, never left collapsed."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

import keras
import numpy as np
import tensorflow as tf

from include.errors import UserError
from include.model.network import WordIds, build_network, sigmoid

log = logging.getLogger(__name__)

ATTEMPTS = ((0, 2e-3), (1, 3e-3), (2, 1e-3))
"""What is added to the seed, and the learning rate, of each try."""
BATCH_SIZE = 128
PATIENCE = 2
MAX_POSITIVE_WEIGHT = 10.0


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
class Fitted:
    """A fitted network with its words and its calibration (probability = sigmoid(scale * logit + shift))."""

    words: WordIds
    network: keras.Model
    scale: float
    shift: float
    history: list[dict[str, float]]
    attempt: int
    seed: int
    learning_rate: float

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """float64[n]; what the exported model answers too."""
        return sigmoid(self.scale * _logits(self.network, _ids(self.words, texts)) + self.shift)


def fit(train: SoftLabelled, dev: SoftLabelled, *, epochs: int, seed: int) -> Fitted:
    """Fit until the loss on ``dev`` stops falling; try anew with another seed and rate on a collapse.

    Raises:
        Collapsed: naming how many of each class there was to learn from.
    """
    words = WordIds.learn(train.texts)
    train_ids, dev_ids = _ids(words, train.texts), _ids(words, dev.texts)
    for attempt, (more, rate) in enumerate(ATTEMPTS, start=1):
        keras.utils.set_random_seed(seed + more)
        network = build_network(words.size, rate)
        history = _fit_once(network, train_ids, train.probabilities, dev_ids, dev.probabilities, epochs)
        logits = _logits(network, dev_ids)
        if not _collapsed(logits, dev.labels):
            scale, shift = calibrate(logits, dev.probabilities)
            return Fitted(words, network, scale, shift, history, attempt, seed + more, rate)
        log.warning("try %s (seed %s, rate %s) says the same of every post", attempt, seed + more, rate)
    positives = int(train.labels.sum())
    raise Collapsed(
        f"all {len(ATTEMPTS)} tries ended in a model that says the same of every post; it had "
        f"{positives} posts about AI and {len(train.texts) - positives} others to learn from: collect more "
        "of the rarer class, or look at the labelling functions' coverage (DAG label_dataset)"
    )


def calibrate(logits: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """Platt's scale and shift: logistic regression of soft labels on logits (Platt 1999).

    It also takes back what weighting the classes added to the odds.
    """
    from sklearn.linear_model import LogisticRegression

    spread = float(logits.std()) or 1.0
    both = np.concatenate([logits, logits])[:, None] / spread
    classes = np.repeat([1, 0], len(logits))
    weights = np.concatenate([probabilities, 1 - probabilities])
    model = LogisticRegression(C=10.0).fit(both, classes, sample_weight=weights)
    return max(float(model.coef_[0, 0]) / spread, 1e-3), float(model.intercept_[0])


def _fit_once(
    network: keras.Model,
    ids: np.ndarray,
    probabilities: np.ndarray,
    dev_ids: np.ndarray,
    dev_probabilities: np.ndarray,
    epochs: int,
) -> list[dict[str, float]]:
    weight = positive_weight(probabilities)
    stop = keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE, restore_best_weights=True)
    history = network.fit(
        ids,
        probabilities[:, None],
        sample_weight=_weights(probabilities, weight),
        validation_data=(dev_ids, dev_probabilities[:, None], _weights(dev_probabilities, weight)),
        batch_size=BATCH_SIZE,
        epochs=epochs,
        callbacks=[stop],
        verbose=0,
    ).history
    return [{name: float(values[i]) for name, values in history.items()} for i in range(len(history["loss"]))]


def positive_weight(probabilities: np.ndarray) -> float:
    """How much more a post about AI counts: the root of the imbalance.

    The full ratio makes the few positives' noise as loud as all negatives together.

    >>> positive_weight(np.array([1.0] + [0.0] * 9))
    3.0
    """
    positive = probabilities.sum()
    ratio = (len(probabilities) - positive) / max(positive, 1e-9)
    return float(np.clip(np.sqrt(ratio), 1 / MAX_POSITIVE_WEIGHT, MAX_POSITIVE_WEIGHT))


def _weights(probabilities: np.ndarray, positive: float) -> np.ndarray:
    return probabilities * positive + (1 - probabilities)


def _collapsed(logits: np.ndarray, labels: np.ndarray) -> bool:
    """Whether the logits don't tell the classes apart at all (AUC near chance, or all the same)."""
    if not np.isfinite(logits).all() or logits.std() < 1e-3:
        return True
    from include.model.metrics import roc_auc

    auc = roc_auc(labels, logits)
    return auc is not None and auc < 0.6


def _ids(words: WordIds, texts: Sequence[str], batch: int = 4096) -> np.ndarray:
    parts = [words(tf.constant(list(texts[i : i + batch]))).numpy() for i in range(0, len(texts), batch)]
    return np.concatenate(parts)


def _logits(network: keras.Model, ids: np.ndarray) -> np.ndarray:
    return np.asarray(network.predict(ids, batch_size=1024, verbose=0), dtype=np.float64)[:, 0]
