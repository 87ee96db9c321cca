"""The served form: strings in, probabilities out, the model version baked into every answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from include.model.classifier import Classifier
from include.model.network import WeightedMean


def export_model(classifier: Classifier, folder: Path, version: int) -> None:
    """Write ``serving_default: {"text": string[n]} -> {"ai_prob": float32[n], "model_version": int64[n]}``.

    Loads with ``tf.saved_model.load`` and in TF Serving, with no Python of ours.
    """
    network, taught, stack = classifier.deep.network, classifier.taught, classifier.stack
    network.set_weights(taught.deep)
    mean = WeightedMean(classifier.features.table(taught.linear.each))
    linear, deep = (tf.constant(weight, tf.float32) for weight in stack.weights)
    shift = tf.constant(stack.shift + stack.weights[0] * taught.linear.intercept, tf.float32)

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        read, count = classifier.reader(text), tf.shape(text)[0]
        weighted = mean(read.numbers, read.rows, count)
        logits = linear * weighted + deep * tf.reshape(network(read.concepts, training=False), [-1]) + shift
        versions = tf.fill([count], tf.constant(version, tf.int64))
        return {"ai_prob": tf.sigmoid(logits), "model_version": versions}

    archive = keras.export.ExportArchive()
    archive.track(network)
    archive.add_endpoint("serve", serve, input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    archive.write_out(str(folder), verbose=False)


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
