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
from include.model.network import WordIds, build_network

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
class Deep:
    """A fitted network with its words; its logits await calibration."""

    words: WordIds
    network: keras.Model
    history: list[dict[str, float]]
    attempt: int
    seed: int
    learning_rate: float

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        """float64[n]."""
        return _logits(self.network, word_ids(self.words, texts))


def fit(train: SoftLabelled, dev: SoftLabelled, *, epochs: int, seed: int) -> Deep:
    """Fit until the loss on ``dev`` stops falling; try anew with another seed and rate on a collapse.

    Raises:
        Collapsed: naming how many of each class there was to learn from.
    """
    words = WordIds.learn(train.texts)
    train_ids, dev_ids = word_ids(words, train.texts), word_ids(words, dev.texts)
    for attempt, (more, rate) in enumerate(ATTEMPTS, start=1):
        keras.utils.set_random_seed(seed + more)
        network = build_network(words.size, rate)
        history = _fit_once(network, train_ids, train.probabilities, dev_ids, dev.probabilities, epochs)
        logits = _logits(network, dev_ids)
        if not _collapsed(logits, dev.labels):
            return Deep(words, network, history, attempt, seed + more, rate)
        log.warning("try %s (seed %s, rate %s) says the same of every post", attempt, seed + more, rate)
    positives = int(train.labels.sum())
    raise Collapsed(
        f"all {len(ATTEMPTS)} tries ended in a model that says the same of every post; it had "
        f"{positives} posts about AI and {len(train.texts) - positives} others to learn from: collect more "
        "of the rarer class, or look at the labelling functions' coverage (DAG label_dataset)"
    )


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
        sample_weight=class_weights(probabilities, weight),
        validation_data=(dev_ids, dev_probabilities[:, None], class_weights(dev_probabilities, weight)),
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


def class_weights(probabilities: np.ndarray, positive: float) -> np.ndarray:
    """How much each post counts, float64[n], where one about AI counts ``positive``."""
    return probabilities * positive + (1 - probabilities)


def _collapsed(logits: np.ndarray, labels: np.ndarray) -> bool:
    """Whether the logits don't tell the classes apart at all (AUC near chance, or all the same)."""
    if not np.isfinite(logits).all() or logits.std() < 1e-3:
        return True
    from include.model.metrics import roc_auc

    auc = roc_auc(labels, logits)
    return auc is not None and auc < 0.6


def word_ids(words: WordIds, texts: Sequence[str], batch: int = 4096) -> np.ndarray:
    """int32[n, MAX_WORDS]."""
    parts = [words(tf.constant(list(texts[i : i + batch]))).numpy() for i in range(0, len(texts), batch)]
    return np.concatenate(parts)


def _logits(network: keras.Model, ids: np.ndarray) -> np.ndarray:
    return np.asarray(network.predict(ids, batch_size=1024, verbose=0), dtype=np.float64)[:, 0]
