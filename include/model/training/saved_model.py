"""The served form: strings in, probabilities out, the model version part of every answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from include.model.features.featurizer import Featurized
from include.model.training.classifier import Classifier


def export_model(classifier: Classifier, folder: Path, version: int) -> None:
    """Write ``serving_default: {"text": string[n]} -> {"ai_prob": float32[n], "model_version": int64[n]}``.

    Loads with ``tf.saved_model.load`` and in TF Serving, with no Python of ours.
    """
    network, weights, calibration = classifier.network.network, classifier.weights, classifier.calibration
    network.set_weights(weights.network)
    featurizer, weighting = classifier.reader.featurizer, classifier.reader.weighting
    table = tf.Variable(weighting.table(weights.linear.coefficients), trainable=False)
    linear, deep = (tf.constant(weight, tf.float32) for weight in calibration.weights)
    shift = tf.constant(calibration.shift + calibration.weights[0] * weights.linear.intercept, tf.float32)

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        features, count = featurizer(text), tf.shape(text)[0]
        of_words = linear_logits(table, features, count)
        of_network = tf.reshape(network(features.concepts, training=False), [-1])
        logits = linear * of_words + deep * of_network + shift
        versions = tf.fill([count], tf.constant(version, tf.int64))
        return {"ai_prob": tf.sigmoid(logits), "model_version": versions}

    archive = keras.export.ExportArchive()
    archive.track(network)
    archive.add_endpoint("serve", serve, input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    archive.write_out(str(folder), verbose=False)


def linear_logits(table: tf.Tensor, features: Featurized, count: tf.Tensor) -> tf.Tensor:
    """The linear part's logits without intercept, float32[count]: weighted sums over normalised n-grams.

    table: float32[ids, 2], see ``NgramWeighting.table``.
    """
    sums = features.words.sums(table, count) + features.pairs.sums(table, count)
    return sums[:, 0] / tf.sqrt(sums[:, 1] + 1e-6)


class LoadedModel:
    """A stored model, loaded into this process."""

    def __init__(self, folder: Path) -> None:
        self._model = tf.saved_model.load(str(folder))
        self._serve: Callable[..., dict[str, tf.Tensor]] = self._model.signatures["serving_default"]

    def probabilities(self, texts: Sequence[str], batch: int = 1024) -> np.ndarray:
        """float64[n] in the order of the texts; what a server answers for the same model."""
        parts = [self._predict(texts[i : i + batch]) for i in range(0, len(texts), batch)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _predict(self, texts: Sequence[str]) -> np.ndarray:
        raw = [text.encode("utf-8", "replace") for text in texts]
        return self._serve(text=tf.constant(raw, tf.string))["ai_prob"].numpy().astype(np.float64)
