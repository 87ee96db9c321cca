"""A post read inside the graph, as the labelling functions read it (``include.lexicon.text_features``).

What comes of it: which lists the post touches, said or tagged, and a few counts, for the network; its
words and pairs of words, for the linear part. Words of all texts lie in one long row; a padded table
would be mostly padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy.sparse import csr_matrix, vstack

from include.model.features.lexicon import COLUMNS, COUNTED, LONGEST, SAID, TAGGED, Lexicon
from include.model.features.lexicon_tables import STARTS, kinds_of, tables_of
from include.model.features.token_kinds import Marks
from include.model.features.tokenizer import BUCKETS, Words, as_tag, bucket, constant, joined, words_of

ACRONYMS = ("AI", "AIs", "ML", "NLP", "ai", "ml")
COUNTS = (
    *("hashtags", "links", "handles", "a reply", *ACRONYMS, "words"),
    *("talk, share", "another language, share", "subjects tagged", "subjects tagged, share"),
)
CONCEPTS = (*COLUMNS[: -len(COUNTED)], *COUNTS)
"""The names of the network's inputs, in order."""


class Numbers(NamedTuple):
    """What many texts hold: numbers and the text of each, ascending; int32[m] both."""

    numbers: tf.Tensor
    rows: tf.Tensor

    def sums(self, table: tf.Tensor, n: tf.Tensor) -> tf.Tensor:
        """Per text the sum of its numbers' rows of a table [numbers, k]: [n, k]."""
        return tf.sparse.segment_sum(table, self.numbers, self.rows, num_segments=n)


class Read(NamedTuple):
    """concepts: float32[n, len(CONCEPTS)]; words and pairs: numbers below BUCKETS."""

    concepts: tf.Tensor
    words: Numbers
    pairs: Numbers


class Reader:
    """Reads texts in the graph by a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._table, self._names, self._columns = tables_of(lexicon)
        self._kinds = kinds_of(lexicon)

    def __call__(self, texts: tf.Tensor) -> Read:
        words, n = words_of(texts), tf.shape(texts)[0]
        numbers = Numbers(bucket(words.small), words.rows)
        kinds = tf.gather(self._kinds, numbers.numbers)
        marks = Marks.of(words, kinds)
        place, tags = tf.where(marks.said)[:, 0], tf.where(marks.tag)[:, 0]
        said = _Said(tf.gather(words.small, place), tf.gather(words.rows, place), place)
        tagged = as_tag(tf.gather(words.small, tags)), tf.gather(words.rows, tags)
        hits = [self._entries(*found).sums(self._columns, n) for found in (_phrases(said, kinds), tagged)]
        return Read(
            _concepts(hits[0] + hits[1], words, marks, said, n),
            numbers,
            _pairs(said),
        )

    def _entries(self, names: tf.Tensor, rows: tf.Tensor) -> Numbers:
        """The lexicon's entries among names."""
        entries = tf.gather(self._table, bucket(names))
        some = tf.where(entries > 0)[:, 0]
        entries, names = tf.gather(entries, some), tf.gather(names, some)
        right = tf.equal(tf.gather(self._names, entries), names)
        return Numbers(tf.where(right, entries, 0), tf.gather(rows, some))

    def read(self, texts: Sequence[str], batch: int = 2048) -> tuple[np.ndarray, csr_matrix]:
        """The same in numpy: concepts float32[n, len(CONCEPTS)], and counts float64[n, BUCKETS]."""
        concepts, counts = [np.empty((0, len(CONCEPTS)), np.float32)], [csr_matrix((0, BUCKETS))]
        for start in range(0, len(texts), batch):
            part = [text.encode("utf-8", "replace") for text in texts[start : start + batch]]
            found = self._traced(tf.constant(part, tf.string))
            concepts.append(found.concepts.numpy())
            numbers, rows = (np.concatenate(both) for both in zip(found.words, found.pairs, strict=True))
            counts.append(csr_matrix((np.ones(len(rows)), (rows, numbers)), shape=(len(part), BUCKETS)))
        return np.concatenate(concepts), vstack(counts, format="csr")

    @property
    def _traced(self) -> tf.types.experimental.GenericFunction:
        if not hasattr(self, "_function"):
            self._function = tf.function(self, input_signature=[tf.TensorSpec([None], tf.string)])
        return self._function


class _Said(NamedTuple):
    """The words of running text: their hashes int64[k], texts int32[k], and places among all words."""

    small: tf.Tensor
    rows: tf.Tensor
    place: tf.Tensor


def _phrases(said: _Said, kinds: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Names and texts of all phrases of running text that begin as one of the lexicon does."""
    kinds = tf.gather(kinds, said.place)
    starts = tf.where(tf.not_equal(tf.bitwise.bitwise_and(kinds, STARTS), 0))[:, 0]
    rows, last = tf.gather(said.rows, starts), tf.shape(said.rows, out_type=tf.int64)[0] - 1
    name = tf.gather(said.small, starts)
    names = [name]
    for length in range(1, LONGEST):
        place = tf.minimum(starts + length, tf.maximum(last, 0))
        name = joined(name, tf.gather(said.small, place))
        inside = tf.equal(tf.gather(said.rows, place), rows) & (starts + length <= last)
        names.append(tf.where(inside, name, 0))
    return tf.reshape(tf.stack(names, axis=1), [-1]), tf.repeat(rows, LONGEST)


def _pairs(said: _Said) -> Numbers:
    """Neighbouring words of running text."""
    names = bucket(joined(said.small[:-1], said.small[1:]))
    both = tf.where(tf.equal(said.rows[1:], said.rows[:-1]))[:, 0]
    return Numbers(tf.gather(names, both), tf.gather(said.rows, both))


def _concepts(hits: tf.Tensor, words: Words, marks: Marks, said: _Said, n: tf.Tensor) -> tf.Tensor:
    """The network's inputs, see ``CONCEPTS``."""
    touched, shared = tf.minimum(hits[:, : -len(COUNTED)], 1.0), hits[:, -len(COUNTED) :]
    first = tf.not_equal(words.rows, tf.concat([[-1], words.rows], axis=0)[:-1])
    signs = _count((marks.tag, marks.link, marks.handle, marks.handle & first), words.rows, n)
    names = tf.minimum(_names(words, said, n), 1.0)
    length = tf.math.unsorted_segment_sum(tf.ones_like(said.rows, tf.float32), said.rows, n)[:, None]
    subjects = tf.reduce_sum(touched[:, len(SAID) : len(SAID) + len(TAGGED)], axis=1, keepdims=True)
    parts = [
        *(touched, tf.math.log1p(signs[:, :3]), signs[:, 3:], names, tf.math.log1p(length)),
        *(4 * shared / tf.maximum(length, 1.0), tf.math.log1p(subjects), subjects / (1 + signs[:, :1])),
    ]
    return tf.concat(parts, axis=1)


def _names(words: Words, said: _Said, n: tf.Tensor) -> tf.Tensor:
    """How often each text says each acronym, as written, float32[n, acronyms]."""
    small = dict.fromkeys(one.lower() for one in ACRONYMS)
    some = tf.where(tf.reduce_any([tf.equal(said.small, constant(one)) for one in small], axis=0))[:, 0]
    written = tf.gather(words.written, tf.gather(said.place, some))
    table = tf.stack([tf.equal(written, one) for one in ACRONYMS], axis=1)
    return tf.math.unsorted_segment_sum(tf.cast(table, tf.float32), tf.gather(said.rows, some), n)


def _count(marks: Sequence[tf.Tensor], rows: tf.Tensor, n: tf.Tensor) -> tf.Tensor:
    """How many words of each text bear each mark, float32[n, marks]; marks are rare."""
    table = tf.stack(marks, axis=1)
    some = tf.where(tf.reduce_any(table, axis=1))[:, 0]
    return tf.math.unsorted_segment_sum(tf.cast(tf.gather(table, some), tf.float32), tf.gather(rows, some), n)
