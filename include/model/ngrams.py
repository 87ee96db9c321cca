"""Character n-grams inside the graph: what survives a typo, a glued hashtag or a word never met."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from include.model.network import MAX_WORDS, PAIR_BUCKETS, PairIds, WordIds
from include.model.standardise import standardise

MAX_CHARACTERS = 200
SIZES = (3, 4, 5)
BUCKETS = 2**18
_FACTORS = (1_540_483_477, 1_181_783_497, 1_000_000_007, 1_431_655_771, 1_103_515_245)
"""Odd and below 2^31: a character's number is below 2^21, so that no sum leaves 64 bits."""


def character_ids(standard: tf.Tensor) -> tf.Tensor:
    """Hashed n-grams of standardised texts, across words: int32[n, m], 0 where there is none."""
    padded = tf.strings.join([" ", standard, " "])
    codes = tf.strings.unicode_decode(padded, "UTF-8").to_tensor(0, shape=[None, MAX_CHARACTERS])
    codes = tf.cast(codes, tf.int64)
    views, mixed = [], codes * _FACTORS[0]
    for size in range(2, max(SIZES) + 1):
        last = codes[:, size - 1 :]
        mixed = mixed[:, : MAX_CHARACTERS - size + 1] + last * _FACTORS[size - 1]
        if size in SIZES:
            bucket = tf.bitwise.bitwise_xor(mixed, tf.bitwise.right_shift(mixed, tf.constant(17, tf.int64)))
            bucket = tf.maximum(tf.bitwise.bitwise_and(bucket, tf.constant(BUCKETS - 1, tf.int64)), 1)
            views.append(tf.cast(tf.where(last > 0, bucket, 0), tf.int32))
    return tf.concat(views, axis=1)


@keras.saving.register_keras_serializable("tweetsieve")
class WordAndPairIds(keras.layers.Layer):
    """Words and pairs of neighbouring words in one numbering: int32[n, words] -> int32[n, 2 words - 1]."""

    def __init__(self, vocabulary_size: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.pairs = PairIds()

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        pairs = self.pairs(ids)
        return tf.concat([ids, tf.where(pairs > 0, pairs + self.vocabulary_size, 0)], axis=1)


class Ngrams:
    """The two views the linear part has of a text, each a row of numbers with 0 for none."""

    def __init__(self, words: WordIds) -> None:
        self.words = words
        self._pairs = WordAndPairIds(words.size)
        self.sizes = (words.size + PAIR_BUCKETS, BUCKETS)

    def __call__(self, ids: tf.Tensor, standard: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return self._pairs(ids), character_ids(standard)

    def views(self, texts: list[str], batch: int = 2048) -> tuple[np.ndarray, np.ndarray]:
        """int32[n, 2 MAX_WORDS - 1] and int32[n, m]: the same numbers as in the exported graph."""
        words, characters = [], []
        for start in range(0, len(texts), batch):
            standard = standardise(tf.constant(texts[start : start + batch], tf.string))
            found = self(self.words.of_standard(standard), standard)
            words.append(found[0].numpy())
            characters.append(found[1].numpy())
        if not words:
            return np.empty((0, 2 * MAX_WORDS - 1), np.int32), np.empty((0, 1), np.int32)
        return np.concatenate(words), np.concatenate(characters)


@keras.saving.register_keras_serializable("tweetsieve")
class WeightedMean(keras.layers.Layer):
    """The linear part's answer for one view: the sum of weights over the length of the row.

    The table's columns are weight times idf, and idf squared (see ``include.model.linear``).
    """

    def __init__(self, table: np.ndarray, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.table = self.add_weight(
            shape=table.shape, initializer=keras.initializers.Constant(table), trainable=False, name="table"
        )

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        sums = tf.reduce_sum(tf.gather(self.table, ids), axis=1)
        return sums[:, 0] / tf.sqrt(sums[:, 1] + 1e-6)
