"""Texts to words inside the graph, and words to numbers; whoever serves the model needs no Python of ours.

It is most of what an answer costs, so it is few passes over a text: three patterns, one split, one hash
per word. The patterns' syntax is RE2's, which TensorFlow and TF Serving share.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

MAX_BYTES = 4000
"""What lies behind is not looked at; a post is much shorter."""

BUCKETS = 2**18
"""How many numbers words, pairs and phrases are brought down to."""

TAG, HANDLE, LINE, LINK = "#", "@", "\n", "http"
"""Words that are signs: a hashtag's or a handle's own word follows its sign, a link is replaced."""

_STEPS = (
    (r"https?://\S+", f" {LINK} "),
    # The class excludes what the group holds: a pattern with one way to match is three times as fast.
    (r"([#@\n])|[^\pL\pM\pN_#@\n+ ]", r" \1 "),  # c++ stays, other punctuation doesn't
)

_FIRST, _SECOND, _OF_TAG = (
    np.array(odd, np.uint64).astype(np.int64)
    for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
"""Odd numbers of 64 bits (those of xxHash and of Fibonacci hashing): products spread over all bits."""


class Words(NamedTuple):
    """The words of n texts, one after the other.

    written: string[m]; small: int64[m], hashes of their small letters; rows: int32[m], the text of each.
    """

    written: tf.Tensor
    small: tf.Tensor
    rows: tf.Tensor


def split(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Words as written, string[m], and the text of each, int32[m]. Links are one word each, hashtags and
    handles two; control characters part words, bytes that are not UTF-8 stay in theirs."""
    texts = tf.strings.substr(texts, 0, MAX_BYTES)
    for pattern, replacement in _STEPS:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    # The newer tf.strings.split parts at line ends too, and they are a sign here.
    places, words, _ = tf.raw_ops.StringSplit(input=texts, delimiter=" ", skip_empty=True)
    return words, tf.cast(places[:, 0], tf.int32)


def words_of(texts: tf.Tensor) -> Words:
    """The words of string[n]."""
    written, rows = split(texts)
    small = hashed(tf.strings.lower(written))
    # Lowering ASCII costs a quarter of lowering every script, and few words need more.
    wide = tf.where(tf.strings.length(written) != tf.strings.length(written, unit="UTF8_CHAR"))
    lowered = hashed(tf.strings.lower(tf.gather_nd(written, wide), encoding="utf-8"))
    return Words(written, tf.tensor_scatter_nd_update(small, wide, lowered), rows)


def hashed(words: tf.Tensor) -> tf.Tensor:
    """string[m] -> int64[m], a number of 62 bits that names a word."""
    return tf.strings.to_hash_bucket_fast(words, 2**62 - 1)


def joined(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """The number of a phrase made of that of its beginning and that of its last word."""
    return first * tf.constant(_FIRST) + second * tf.constant(_SECOND)


def as_tag(word: tf.Tensor) -> tf.Tensor:
    """The number of a hashtag, made of its word's."""
    return word * tf.constant(_OF_TAG)


def bucket(numbers: tf.Tensor) -> tf.Tensor:
    """int64[m] -> int32[m] below BUCKETS."""
    mixed = tf.bitwise.bitwise_xor(numbers, tf.bitwise.right_shift(numbers, tf.constant(29, tf.int64)))
    return tf.cast(tf.bitwise.bitwise_and(mixed, tf.constant(BUCKETS - 1, tf.int64)), tf.int32)


def constant(word: str) -> tf.Tensor:
    """A word's number, as a constant of the graph."""
    with tf.init_scope():  # hashed once, not in each answer
        return tf.constant(hashed(tf.constant(word)).numpy())
