"""Fitting the network, and the baseline that it has to beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from include.workloads.higgs.data.labelled import Labelled
from include.workloads.higgs.model.network import build, normalised
from include.workloads.higgs.model.split import Parts

BATCH = 256
LEARNING_RATE = 1e-3
PATIENCE = 5
"""Epochs without a lower loss on the validation events, after which the best one is taken."""

Probabilities = Callable[[np.ndarray], np.ndarray]


class Fitted(NamedTuple):
    """The network, and its losses by epoch."""

    network: keras.Model
    history: dict[str, list[float]]


def unit(features: np.ndarray) -> np.ndarray:
    """Features, float64[n, 30], normalised as the served model does it: float32[n, 30]."""
    return normalised([tf.constant(column) for column in features.T])[0].numpy()


def fit(parts: Parts, *, epochs: int, seed: int) -> Fitted:
    """Fit on the training events, and keep the epoch with the lowest loss on the validation events."""
    network = build(seed)
    network.compile(keras.optimizers.Adam(LEARNING_RATE), loss="sparse_categorical_crossentropy")
    stop = keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE, restore_best_weights=True)
    learned = network.fit(
        *_examples(parts.train), validation_data=_examples(parts.validation),
        batch_size=BATCH, epochs=epochs, callbacks=[stop], verbose=0,
    )  # fmt: skip
    return Fitted(network, {name: [float(one) for one in values] for name, values in learned.history.items()})


def fit_baseline(train: Labelled) -> Probabilities:
    """Logistic regression on the same normalised features: what a network has to beat."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(unit(train.features), train.signal)
    return lambda features: model.predict_proba(unit(features))[:, 1]


def _examples(events: Labelled) -> tuple[np.ndarray, np.ndarray]:
    return unit(events.features), events.signal.astype(np.int32)
