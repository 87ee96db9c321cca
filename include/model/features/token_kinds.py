"""The kind of each token of many texts: running text, a hashtag's word or a sign.

The rules are those of ``include.lexicon.text_features``, applied to all tokens at once.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from include.model.features.lexicon_tables import CREDITED, JOINS
from include.model.features.tokenizer import HANDLE, LINE, LINK, TAG, Tokens, constant

LONGEST_ROW = 3
"""A row with more hashtags is not part of the sentence after it."""


class TokenKinds(NamedTuple):
    """Kinds of tokens, bool[m]: a hashtag's word, a word of running text, the sign of a link or a handle."""

    tag: tf.Tensor
    said: tf.Tensor
    link: tf.Tensor
    handle: tf.Tensor

    @classmethod
    def of(cls, tokens: Tokens, roles: tf.Tensor) -> TokenKinds:
        """The kinds of the tokens; roles: int32[m], see ``include.model.features.lexicon_tables``."""
        begins, link, handle, line = (tf.equal(tokens.hashes, constant(s)) for s in (TAG, LINK, HANDLE, LINE))
        sign = begins | link | handle | line
        tag = _after(begins, tokens.rows) & ~sign
        number = _numbers(tokens, tag)
        tag &= ~number
        bare = begins & tf.concat([number[1:], [False]], axis=0)[: tf.size(number)]
        word = ~(tag | sign | _after(handle, tokens.rows))
        said = word | tag & _in_sentence(tokens.rows, roles, (tag | begins) & ~bare, word, bare)
        return cls(tag, said, link, handle)


def _after(flags: tf.Tensor, rows: tf.Tensor, places: int = 1) -> tf.Tensor:
    """Flags shifted by some places to the right within their text: bool[m]."""
    moved = tf.concat([tf.fill([places], False), flags], axis=0)[:-places]
    return moved & tf.equal(tf.concat([tf.fill([places], -1), rows], axis=0)[:-places], rows)


def _numbers(tokens: Tokens, tags: tf.Tensor) -> tf.Tensor:
    """Which hashtags are numbers, and so none, bool[m]."""
    some = tf.where(tags)
    found = tf.strings.regex_full_match(tf.gather_nd(tokens.written, some), r"[\p{Nd}_]+")
    return tf.tensor_scatter_nd_update(tf.zeros_like(tags), some, found)


def _in_sentence(
    rows: tf.Tensor, roles: tf.Tensor, tags: tf.Tensor, word: tf.Tensor, bare: tf.Tensor
) -> tf.Tensor:
    """Where a hashtag is part of a sentence: a word follows its row, or a joining word comes before it.

    tags: bool[m], hashtags with their signs; word: bool[m], running text that is no hashtag; bare: bool[m],
    signs of hashtags that are none.
    """
    count = tf.shape(rows)[0]
    others = tf.concat([tf.where(~tags)[:, 0], [tf.cast(count, tf.int64)]], axis=0)
    after = tf.cast(tf.gather(others, tf.cumsum(tf.cast(~tags, tf.int32))), tf.int32)
    last = tf.maximum(count - 1, 0)
    end = tf.minimum(after, last)
    end = tf.where(tf.gather(bare, end), tf.minimum(end + 1, last), end)
    leads = word & tf.equal(tf.bitwise.bitwise_and(roles, CREDITED), 0)
    follows = tf.gather(leads, end) & tf.equal(tf.gather(rows, end), rows) & (after < count)
    near = after - tf.range(count) < 2 * LONGEST_ROW
    joining = word & tf.not_equal(tf.bitwise.bitwise_and(roles, JOINS), 0)
    return follows & near | _after(joining, rows, 2)
