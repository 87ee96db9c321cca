"""What each word of many texts is: running text, a hashtag's word or a sign.

The rules are those of ``include.lexicon.text_features``, over all words at once instead of one by one.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from include.model.features.lexicon_tables import CREDITED, JOINS
from include.model.features.tokenizer import HANDLE, LINE, LINK, TAG, Words, constant

LONGEST_ROW = 3
"""A longer row of hashtags is no part of the sentence it stands before."""


class Marks(NamedTuple):
    """What each word is, bool[m]: a hashtag's word, one of running text, the sign of a link or a handle."""

    tag: tf.Tensor
    said: tf.Tensor
    link: tf.Tensor
    handle: tf.Tensor

    @classmethod
    def of(cls, words: Words, kinds: tf.Tensor) -> Marks:
        begins, link, handle, line = (tf.equal(words.small, constant(s)) for s in (TAG, LINK, HANDLE, LINE))
        sign = begins | link | handle | line
        tag = _after(begins, words.rows) & ~sign
        word = ~(tag | sign | _after(handle, words.rows))
        said = word | tag & _in_sentence(words.rows, kinds, tag | begins, word)
        return cls(tag, said, link, handle)


def _after(marks: tf.Tensor, rows: tf.Tensor, places: int = 1) -> tf.Tensor:
    """Marks moved on by some places within their text: bool[m]."""
    moved = tf.concat([tf.fill([places], False), marks], axis=0)[:-places]
    return moved & tf.equal(tf.concat([tf.fill([places], -1), rows], axis=0)[:-places], rows)


def _in_sentence(rows: tf.Tensor, kinds: tf.Tensor, tags: tf.Tensor, word: tf.Tensor) -> tf.Tensor:
    """Where a sentence needs a hashtag: a word follows its row of them, or a joining word leads to it.

    tags: bool[m], hashtags with their signs; word: bool[m], running text that is no hashtag.
    """
    count = tf.shape(rows)[0]
    others = tf.concat([tf.where(~tags)[:, 0], [tf.cast(count, tf.int64)]], axis=0)
    after = tf.cast(tf.gather(others, tf.cumsum(tf.cast(~tags, tf.int32))), tf.int32)
    end = tf.minimum(after, tf.maximum(count - 1, 0))
    leads = word & tf.equal(tf.bitwise.bitwise_and(kinds, CREDITED), 0)
    follows = tf.gather(leads, end) & tf.equal(tf.gather(rows, end), rows) & (after < count)
    near = after - tf.range(count) < 2 * LONGEST_ROW
    joining = word & tf.not_equal(tf.bitwise.bitwise_and(kinds, JOINS), 0)
    return follows & near | _after(joining, rows, 2)
