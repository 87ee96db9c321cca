"""The network: what a post touches of the labelling functions' lists, weighed together.

The functions are rules about lists ("a game is spoken of, and no subject of AI is"); one hidden layer
over the lists learns such rules from their votes, and how far to trust them from people's labels.
"""

from __future__ import annotations

import keras

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
