"""The network: a convolution over words beside a linear model of words and word pairs.

The convolution (windows of 2, 3 and 4 words) was the best small network for its latency on short
posts; a linear model of word and pair weights is what TF-IDF with logistic regression is good at,
and keeps the network from falling behind it on small data.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from include.model.standardise import standardise

MAX_WORDS = 64
VOCABULARY = 30_000
PAIR_BUCKETS = 2**16
EMBEDDING = 64
FILTERS = 64


class WordIds:
    """Texts to word numbers: int32[n, MAX_WORDS], 0 where there is no word, 1 for an unknown one."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.lookup = keras.layers.StringLookup(vocabulary=list(vocabulary), mask_token="", num_oov_indices=1)

    @classmethod
    def learn(cls, texts: Sequence[str], at_least: int = 2) -> WordIds:
        """The most frequent words of the texts, of those that occur ``at_least`` times."""
        words = tf.strings.split(standardise(tf.constant(list(texts)))).flat_values
        found, _, counts = tf.unique_with_counts(words)
        ranked = sorted(zip((-counts).numpy().tolist(), found.numpy().tolist(), strict=True))
        return cls([word.decode() for count, word in ranked[:VOCABULARY] if -count >= at_least])

    @property
    def size(self) -> int:
        return int(self.lookup.vocabulary_size())

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        return self.of_standard(standardise(texts))

    def of_standard(self, standard: tf.Tensor) -> tf.Tensor:
        """The same for texts that are standardised already."""
        words = tf.strings.split(standard)
        return tf.cast(self.lookup(words.to_tensor("", shape=[None, MAX_WORDS])), tf.int32)


@keras.saving.register_keras_serializable("tweetsieve")
class PairIds(keras.layers.Layer):
    """Neighbouring words as one number each: int32[n, words] -> int32[n, words - 1], 0 for no pair."""

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        first, second = tf.cast(ids[:, :-1], tf.int64), tf.cast(ids[:, 1:], tf.int64)
        mixed = (first * 1_000_003 + second * 8_191) % (PAIR_BUCKETS - 1) + 1
        return tf.cast(tf.where(second > 0, mixed, 0), tf.int32)


@keras.saving.register_keras_serializable("tweetsieve")
class MeanWeight(keras.layers.Layer):
    """The sum of one weight per number, scaled by the root of how many there are."""

    def __init__(self, size: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.size = size

    def build(self, _: object) -> None:
        self.weight = self.add_weight(shape=(self.size,), initializer="zeros", name="weight")

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        present = tf.cast(ids > 0, tf.float32)
        total = tf.reduce_sum(tf.gather(self.weight, ids) * present, axis=1, keepdims=True)
        return total / tf.sqrt(tf.reduce_sum(present, axis=1, keepdims=True) + 1.0)


def build_network(vocabulary_size: int, learning_rate: float = 2e-3) -> keras.Model:
    """Word numbers int32[n, MAX_WORDS] -> logit float32[n, 1]; compiled for soft labels."""
    ids = keras.Input((MAX_WORDS,), dtype="int32", name="ids")
    embedded = keras.layers.Embedding(vocabulary_size, EMBEDDING)(ids)
    embedded = keras.layers.SpatialDropout1D(0.2)(embedded)
    views = [
        keras.layers.GlobalMaxPooling1D()(keras.layers.Conv1D(FILTERS, width, activation="relu")(embedded))
        for width in (2, 3, 4)
    ]
    deep = keras.layers.Dropout(0.5)(keras.layers.Concatenate()(views))
    logit = keras.layers.Add(name="logit")(
        [
            keras.layers.Dense(1)(deep),
            MeanWeight(vocabulary_size)(ids),
            MeanWeight(PAIR_BUCKETS)(PairIds()(ids)),
        ]
    )
    network = keras.Model(ids, logit)
    network.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    return network
