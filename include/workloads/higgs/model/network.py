"""The network, and the SavedModel that serves it: raw features in, normalised inside, decisions out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import tensorflow as tf

from include.workloads.higgs.base.events import FEATURES, LABELS
from include.workloads.higgs.model.contract import CONTRACT_FILE, contract

PARAMETERS = 1_018_002
DROPOUT = 0.4


def build(seed: int) -> keras.Model:
    """30 normalised features to the probabilities of the classes: 30-500-1000-500-2, relu, softmax."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((len(FEATURES),), name="unit"),
            layers.Dense(500, "relu"),
            layers.Dropout(DROPOUT),
            layers.Dense(1000, "relu"),
            layers.Dropout(DROPOUT),
            layers.Dense(500, "relu"),
            layers.Dense(len(LABELS), "softmax"),
        ]
    )
    assert network.count_params() == PARAMETERS
    return network


def normalised(columns: Sequence[tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
    """Features (30 times float64[n]) at length 1, float32[n, 30], and the L2 norms they had, float64[n].

    The squares are added one feature after the other, so that an event's norm has the same bits in every
    batch. Features that are all 0 stay 0.
    """
    squares = tf.square(columns[0])
    for column in columns[1:]:
        squares = squares + tf.square(column)
    norms = tf.sqrt(squares)
    units = [tf.cast(tf.math.divide_no_nan(column, norms), tf.float32) for column in columns]
    return tf.stack(units, axis=1), norms


def kept_class(probabilities: tf.Tensor, keep: float) -> tf.Tensor:
    """The number of the first class with this probability or more, else of the most probable: int64[n].

    Args:
        probabilities: float32[n, classes], in the label map's order.
    """
    sure = probabilities >= keep
    first = tf.argmax(tf.cast(sure, tf.int8), axis=1)
    return tf.where(tf.reduce_any(sure, axis=1), first, tf.argmax(probabilities, axis=1))


def export(network: keras.Model, folder: Path, version: int, keep: float) -> None:
    """Write the SavedModel, with the feature list and the label map beside it.

    Its signature takes each feature by its name, float64[n], so that no order can be mistaken. It gives the
    probability of each class by its name (float32[n]), ``kept_class`` (int64[n], a number of the label map),
    ``l2_norm`` (float64[n]) and ``model_version`` (int64[n]).
    """

    def serve(inputs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        unit, norms = normalised([inputs[name] for name in FEATURES])
        probabilities = network(unit, training=False)
        return {
            **{label: probabilities[:, number] for number, label in enumerate(LABELS)},
            "kept_class": kept_class(probabilities, keep),
            "l2_norm": norms,
            "model_version": tf.fill(tf.shape(norms), tf.constant(version, tf.int64)),
        }

    archive = keras.export.ExportArchive()
    archive.track(network)
    specs = {name: tf.TensorSpec([None], tf.float64, name=name) for name in FEATURES}
    archive.add_endpoint("serve", serve, input_signature=[specs])
    archive.write_out(str(folder), verbose=False)
    file = folder / CONTRACT_FILE
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(contract(keep), indent=2) + "\n", encoding="utf-8")
