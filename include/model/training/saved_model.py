"""The served form: strings in, probabilities out, the model version baked into every answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from include.model.features.featurizer import Read
from include.model.training.classifier import Classifier


def export_model(classifier: Classifier, folder: Path, version: int) -> None:
    """Write ``serving_default: {"text": string[n]} -> {"ai_prob": float32[n], "model_version": int64[n]}``.

    Loads with ``tf.saved_model.load`` and in TF Serving, with no Python of ours.
    """
    network, taught, stack = classifier.deep.network, classifier.taught, classifier.stack
    network.set_weights(taught.deep)
    table = tf.Variable(classifier.features.table(taught.linear.each), trainable=False)
    linear, deep = (tf.constant(weight, tf.float32) for weight in stack.weights)
    shift = tf.constant(stack.shift + stack.weights[0] * taught.linear.intercept, tf.float32)

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        read, count = classifier.reader(text), tf.shape(text)[0]
        weighted = weighted_mean(table, read, count)
        logits = linear * weighted + deep * tf.reshape(network(read.concepts, training=False), [-1]) + shift
        versions = tf.fill([count], tf.constant(version, tf.int64))
        return {"ai_prob": tf.sigmoid(logits), "model_version": versions}

    archive = keras.export.ExportArchive()
    archive.track(network)
    archive.add_endpoint("serve", serve, input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    archive.write_out(str(folder), verbose=False)


def weighted_mean(table: tf.Tensor, read: Read, count: tf.Tensor) -> tf.Tensor:
    """The linear part's answer, float32[count]: the sum of weights over the length of the text's row.

    table: float32[numbers, 2], see ``Features.table``.
    """
    sums = read.words.sums(table, count) + read.pairs.sums(table, count)
    return sums[:, 0] / tf.sqrt(sums[:, 1] + 1e-6)


class SavedModel:
    """A stored model in this process."""

    def __init__(self, folder: Path) -> None:
        self._model = tf.saved_model.load(str(folder))
        self._serve: Callable[..., dict[str, tf.Tensor]] = self._model.signatures["serving_default"]

    def probabilities(self, texts: Sequence[str], batch: int = 1024) -> np.ndarray:
        """float64[n] in the order of the texts; what a server answers for the same model."""
        parts = [self._ask(texts[i : i + batch]) for i in range(0, len(texts), batch)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _ask(self, texts: Sequence[str]) -> np.ndarray:
        raw = [text.encode("utf-8", "replace") for text in texts]
        return self._serve(text=tf.constant(raw, tf.string))["ai_prob"].numpy().astype(np.float64)
