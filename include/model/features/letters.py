"""Plain letters in the graph, as :mod:`include.text.letters` makes them for the other rules.

Here letters are taken apart (NFKD) where those are composed (NFKC): two texts have one form by the one
exactly where they have it by the other, and taking apart is a look-up, composing a search. Letters beyond
ASCII also lose their case here; those of ASCII keep it, as 'AI' is not 'Ai'.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import tensorflow as tf

from include.model.features.letter_tables import ENDS, INVISIBLE, PLACES, REST, STARTS, tables, unchanged

_SPACE = ord(" ")


@cache
def _table(name: str) -> tf.Tensor:
    """A table, once in the graph however often it is used."""
    with tf.init_scope():
        return tf.constant(getattr(tables(), name))


class _Codes(NamedTuple):
    """Code points of many texts, int32[m], their places in the tables and the text of each, int32[m]."""

    codes: tf.Tensor
    places: tf.Tensor
    rows: tf.Tensor

    @classmethod
    def of(cls, codes: tf.Tensor, rows: tf.Tensor) -> _Codes:
        places = tf.fill(tf.shape(codes), REST)
        for codes_of_part, start in PLACES:
            first, end = codes_of_part.start, codes_of_part.stop
            places = tf.where((codes >= first) & (codes < end), codes - first + start, places)
        return cls(codes, places, rows)

    def at(self, indices: tf.Tensor) -> _Codes:
        return _Codes(*(tf.gather(one, indices) for one in self))

    def has(self, bit: int) -> tf.Tensor:
        """bool[m]: what the tables say of each."""
        return tf.not_equal(tf.bitwise.bitwise_and(tf.gather(_table("bits"), self.places), bit), 0)


def plain_letters(texts: tf.Tensor) -> tf.Tensor:
    """string[n] -> string[n]. Bytes that are not UTF-8 become U+FFFD, which separates words."""
    change = tf.where(~tf.strings.regex_full_match(texts, unchanged()))  # few: a look at each costs much more
    decoded = tf.strings.unicode_decode(tf.gather_nd(texts, change), "UTF-8")
    found = _Codes.of(decoded.values, tf.cast(decoded.value_rowids(), tf.int32))
    letters = _ordered(_apart(_seen(found)))
    rows = tf.cast(decoded.nrows(), tf.int32)
    ragged = tf.RaggedTensor.from_value_rowids(letters.codes, letters.rows, rows)
    return tf.tensor_scatter_nd_update(texts, change, tf.strings.unicode_encode(ragged, "UTF-8"))


def _seen(found: _Codes) -> _Codes:
    """Without invisible characters inside words; elsewhere they are spaces."""
    hidden = found.has(INVISIBLE)
    seen = tf.where(~hidden)[:, 0]
    after = tf.cumsum(tf.cast(~hidden, tf.int32))  # the place among those seen of the next one
    inside = hidden & (after > 0) & (after < tf.size(seen))
    for place, bit in ((tf.maximum(after - 1, 0), ENDS), (after, STARTS)):
        beside = found.at(tf.gather(tf.concat([seen, [0]], axis=0), place))
        inside &= beside.has(bit) & tf.equal(beside.rows, found.rows)
    codes = tf.where(hidden, _SPACE, found.codes)
    stay = tf.where(~inside)[:, 0]
    return _Codes.of(tf.gather(codes, stay), tf.gather(found.rows, stay))


def _apart(found: _Codes) -> _Codes:
    """Each character in the letters and marks it is made of."""
    lengths = tf.cast(tf.gather(_table("lengths"), found.places), tf.int32)
    each = tf.repeat(tf.range(tf.size(lengths)), lengths)
    within = tf.range(tf.size(each)) - tf.gather(tf.cumsum(lengths, exclusive=True), each)
    start = tf.gather(tf.gather(_table("starts"), found.places), each)
    flat = tf.gather(_table("flat"), tf.maximum(start, 0) + within)
    return _Codes.of(tf.where(start < 0, tf.gather(found.codes, each), flat), tf.gather(found.rows, each))


def _ordered(found: _Codes) -> _Codes:
    """Runs of combining marks in the standard's order: by their classes, and else as they stand."""
    classes = _classes(found)
    base = tf.equal(classes, 0) | _begins(found.rows)
    order = tf.cumsum(tf.cast(base, tf.int64)) * 256 + tf.cast(classes, tf.int64)
    return tf.cond(
        tf.reduce_any(_disorder(classes, found.rows)),
        lambda: found.at(tf.argsort(order, stable=True)),
        lambda: found,
    )


def _classes(found: _Codes) -> tf.Tensor:
    """The canonical combining classes, int32[m]."""
    return tf.cast(tf.gather(_table("classes"), found.places), tf.int32)


def _begins(rows: tf.Tensor) -> tf.Tensor:
    """Where another text begins, bool[m]."""
    return tf.not_equal(rows, tf.concat([[-1], rows], axis=0)[:-1])


def _disorder(classes: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """Where a mark follows one that belongs behind it, bool[m]."""
    before = tf.concat([[0], classes], axis=0)[:-1]
    return (classes > 0) & (before > classes) & ~_begins(rows)
