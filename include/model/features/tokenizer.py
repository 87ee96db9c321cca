"""Texts to tokens, and tokens to ids, inside the graph: serving the model needs no Python of ours.

Tokenizing is most of the cost of a prediction, so it makes few passes over a text: two patterns, one split,
one hash per token. The patterns' syntax is RE2's, which TensorFlow and TF Serving share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from include.model.features.letters import plain_letters

MAX_BYTES = 4000
"""Longer texts are cut here; a post is much shorter."""

BUCKETS = 2**18
"""The number of ids for words, pairs and phrases."""

TAG, HANDLE, LINE, LINK = "#", "@", "\n", "http"
"""Tokens that are signs: a hashtag's or a handle's own word follows its sign, a link is replaced."""

_LINK = (
    r"(?i:https?)://(?:t\.co/[A-Za-z0-9]{10}|[!#-;=?-\[\]_a-z~\pL\p{Mn}\p{Mc}\pN]+)",
    f" {LINK} ",
)
# Entities that files of other tools hold, where they stand between words; X's own are undone at the door.
_ENTITY = (
    r"&(?:amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[nm]dash|hellip|bull|middot|#0*(?:3[49]|160)|#[xX]0*(?:2[27]|[aA]0));",
    " ",
)
# The class excludes what the group holds: a pattern with one way to match is three times as fast.
# c++ stays, other punctuation doesn't.
_SIGN = (r"([#@\n])|[^\pL\p{Mn}\p{Mc}\p{Nd}\p{Nl}\p{Pc}#@\n+ ]", r" \1 ")

_FIRST, _SECOND, _OF_TAG = (
    np.array(odd, np.uint64).astype(np.int64)
    for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
"""Odd 64-bit constants (of xxHash and of Fibonacci hashing): products with them spread over all bits."""


class Tokens(NamedTuple):
    """The tokens of n texts, one after the other.

    written: string[m]; hashes: int64[m], hashes of their lower-case forms; rows: int32[m], the text of each.
    """

    written: tf.Tensor
    hashes: tf.Tensor
    rows: tf.Tensor


def split(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Tokens as written, string[m], and the text of each, int32[m].

    Letters are plain ones, and in lower case beyond ASCII. A link is one token, a hashtag or a handle two.
    Control characters separate tokens, and so do bytes that are not UTF-8.
    """
    texts = tf.strings.regex_replace(tf.strings.substr(texts, 0, MAX_BYTES), *_ENTITY)
    texts = tf.strings.regex_replace(texts, *_LINK)
    texts = tf.strings.regex_replace(plain_letters(texts), *_SIGN)
    # The newer tf.strings.split also splits at line ends, which are tokens here.
    places, words, _ = tf.raw_ops.StringSplit(input=texts, delimiter=" ", skip_empty=True)
    return words, tf.cast(places[:, 0], tf.int32)


def tokenize(texts: tf.Tensor) -> Tokens:
    """The tokens of string[n]."""
    written, rows = split(texts)
    return Tokens(written, hashed(tf.strings.lower(written)), rows)  # other scripts are in lower case already


def known(words: Sequence[str]) -> tf.Tensor:
    """The hashes of words of a list, int64[m], as those of a text's tokens."""
    return hashed(tf.strings.lower(plain_letters(tf.constant(list(words), tf.string))))


def hashed(words: tf.Tensor) -> tf.Tensor:
    """string[m] -> int64[m], 62-bit hashes of words."""
    return tf.strings.to_hash_bucket_fast(words, 2**62 - 1)


def joined(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """The hash of a phrase, from the hash of all but its last word and that of its last word."""
    return first * tf.constant(_FIRST) + second * tf.constant(_SECOND)


def as_tag(word: tf.Tensor) -> tf.Tensor:
    """The hash of a hashtag, from its word's."""
    return word * tf.constant(_OF_TAG)


def bucket(hashes: tf.Tensor) -> tf.Tensor:
    """Hashes int64[m] -> ids int32[m] below BUCKETS."""
    mixed = tf.bitwise.bitwise_xor(hashes, tf.bitwise.right_shift(hashes, tf.constant(29, tf.int64)))
    return tf.cast(tf.bitwise.bitwise_and(mixed, tf.constant(BUCKETS - 1, tf.int64)), tf.int32)


def constant(word: str) -> tf.Tensor:
    """A word's hash, as a constant of the graph."""
    with tf.init_scope():  # hashed once, not in each prediction
        return tf.constant(hashed(tf.constant(word)).numpy())
