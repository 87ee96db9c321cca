"""The network: what a post touches of the labelling functions' lists, weighed together.

The functions are rules about lists ("a game is spoken of, and no subject of AI is"); one hidden layer
over the lists learns such rules from their votes, and how far to trust them from people's labels.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

HIDDEN = 64


def build_network(width: int, learning_rate: float = 3e-3) -> keras.Model:
    """Concepts float32[n, width] (``include.model.reader.CONCEPTS``) -> logit float32[n, 1]; compiled for
    soft labels."""
    concepts = keras.Input((width,), name="concepts")
    hidden = keras.layers.Dense(HIDDEN, activation="relu")(concepts)
    hidden = keras.layers.Dropout(0.1)(hidden)
    network = keras.Model(concepts, keras.layers.Dense(1, name="logit")(hidden))
    network.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    return network


@keras.saving.register_keras_serializable("tweetsieve")
class WeightedMean(keras.layers.Layer):
    """The linear part's answer: per text the sum of its numbers' weights over the length of its row.

    The table's columns are weight times idf, and idf squared (see ``include.model.linear``).
    """

    def __init__(self, table: np.ndarray, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.table = self.add_weight(
            shape=table.shape, initializer=keras.initializers.Constant(table), trainable=False, name="table"
        )

    def call(self, numbers: tf.Tensor, rows: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
        sums = tf.math.unsorted_segment_sum(tf.gather(self.table, numbers), rows, count)
        return sums[:, 0] / tf.sqrt(sums[:, 1] + 1e-6)
