"""The served form: strings in, probabilities out, the model version baked into every answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from include.model.classifier import Classifier
from include.model.ngrams import WeightedMean
from include.model.standardise import standardise


def export_model(classifier: Classifier, folder: Path, version: int) -> None:
    """Write ``serving_default: {"text": string[n]} -> {"ai_prob": float32[n], "model_version": int64[n]}``.

    Loads with ``tf.saved_model.load`` and in TF Serving, with no Python of ours.
    """
    network, words, ngrams = classifier.deep.network, classifier.deep.words, classifier.ngrams
    means = [WeightedMean(table) for table in classifier.features.tables(classifier.weights.each)]
    linear, deep = (tf.constant(weight, tf.float32) for weight in classifier.stack.weights)
    shift = tf.constant(
        classifier.stack.shift + classifier.stack.weights[0] * classifier.weights.intercept, tf.float32
    )

    def serve(text: tf.Tensor) -> dict[str, tf.Tensor]:
        standard = standardise(text)
        ids = words.of_standard(standard)
        views = zip(means, ngrams(ids, standard), strict=True)
        weighted = tf.add_n([mean(view) for mean, view in views])
        logits = linear * weighted + deep * tf.reshape(network(ids, training=False), [-1]) + shift
        versions = tf.fill(tf.shape(text), tf.constant(version, tf.int64))
        return {"ai_prob": tf.sigmoid(logits), "model_version": versions}

    archive = keras.export.ExportArchive()
    archive.track(network)
    archive.track(words.lookup)  # a table that is not tracked is lost; variables are found by themselves
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
