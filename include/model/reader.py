"""A post read inside the graph, as the labelling functions read it (``include.labelling.reading``).

What comes of it: which lists the post touches, said or tagged, and a few counts, for the network; its
words and pairs of words, for the linear part. Words of all texts lie in one long row; a padded table
would be mostly padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy.sparse import csr_matrix, vstack

from include.labelling.phrases import CREDITS, JOINING
from include.model.lexicon import COLUMNS, COUNTED, LONGEST, SAID, TAGGED, Lexicon
from include.model.words import HANDLE, LINE, LINK, TAG, Words, as_tag, bucket, hashed, joined, words_of

BITS = 18
BUCKETS = 2**BITS
"""How many numbers words and pairs are hashed to."""
ACRONYMS = ("AI", "AIs", "ML", "NLP", "ai", "ml")
COUNTS = (
    *("hashtags", "links", "handles", "a reply", *ACRONYMS, "words"),
    *("talk, share", "another language, share", "subjects tagged", "subjects tagged, share"),
)
CONCEPTS = (*COLUMNS[: -len(COUNTED)], *COUNTS)
"""The names of the network's inputs, in order."""
LONGEST_ROW = 3
"""A longer row of hashtags is no part of the sentence it stands before."""

_STARTS, _JOINING, _CREDITS = 1, 2, 4


class Read(NamedTuple):
    """concepts: float32[n, len(CONCEPTS)]; numbers, rows: int32[m], of words and pairs and their texts."""

    concepts: tf.Tensor
    numbers: tf.Tensor
    rows: tf.Tensor


class Reader:
    """Reads texts in the graph by a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        names, columns = _numbered(lexicon)
        self._table, self._names, self._columns = _table(names, columns)
        self._kinds = _kinds(lexicon)

    def __call__(self, texts: tf.Tensor) -> Read:
        words, n = words_of(texts), tf.shape(texts)[0]
        kinds = tf.gather(self._kinds, bucket(words.small, BITS))
        marks = _Marks.of(words, kinds)
        place, tags = tf.where(marks.said)[:, 0], tf.where(marks.tag)[:, 0]
        said = _Said(tf.gather(words.small, place), tf.gather(words.rows, place), place)
        pairs, same = joined(said.small[:-1], said.small[1:]), tf.equal(said.rows[1:], said.rows[:-1])
        phrases = _phrases(said, tf.gather(kinds, place))
        phrases.append((as_tag(tf.gather(words.small, tags)), tf.gather(words.rows, tags)))
        hits = self._hits(phrases, n)
        both = tf.where(same)[:, 0]
        numbers = tf.concat([words.small, tf.gather(pairs, both)], axis=0)
        rows = tf.concat([words.rows, tf.gather(said.rows, both)], axis=0)
        return Read(_concepts(hits, words, marks, said, n), bucket(numbers, BITS), rows)

    def _hits(self, phrases: Iterable[tuple[tf.Tensor, tf.Tensor]], n: tf.Tensor) -> tf.Tensor:
        """How often each text touches each column, float32[n, columns]."""
        found = list(zip(*phrases, strict=True))
        names, rows = tf.concat(found[0], axis=0), tf.concat(found[1], axis=0)
        entry = tf.gather(self._table, bucket(names, BITS))
        some = tf.where(entry > 0)[:, 0]
        entry = tf.gather(entry, some)
        entry = tf.where(tf.equal(tf.gather(self._names, entry), tf.gather(names, some)), entry, 0)
        return tf.math.unsorted_segment_sum(tf.gather(self._columns, entry), tf.gather(rows, some), n)

    def read(self, texts: Sequence[str], batch: int = 2048) -> tuple[np.ndarray, csr_matrix]:
        """The same in numpy: concepts float32[n, len(CONCEPTS)], and counts float64[n, BUCKETS]."""
        concepts, counts = [np.empty((0, len(CONCEPTS)), np.float32)], [csr_matrix((0, BUCKETS))]
        for start in range(0, len(texts), batch):
            part = [text.encode("utf-8", "replace") for text in texts[start : start + batch]]
            found = self._traced(tf.constant(part, tf.string))
            numbers, rows = found.numbers.numpy(), found.rows.numpy()
            concepts.append(found.concepts.numpy())
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


class _Marks(NamedTuple):
    """What each word is, bool[m]: a hashtag's word, one of running text, the sign of a link or a handle."""

    tag: tf.Tensor
    said: tf.Tensor
    link: tf.Tensor
    handle: tf.Tensor

    @classmethod
    def of(cls, words: Words, kinds: tf.Tensor) -> _Marks:
        begins, link, handle, line = (tf.equal(words.small, _constant(s)) for s in (TAG, LINK, HANDLE, LINE))
        sign = begins | link | handle | line
        tag = _after(begins) & ~sign
        word = ~(tag | sign | _after(handle))
        said = word | tag & _in_sentence(words.rows, kinds, tag | begins, word)
        return cls(tag, said, link, handle)


def _after(marks: tf.Tensor, places: int = 1) -> tf.Tensor:
    """Marks moved on by some places: bool[m]."""
    return tf.concat([tf.fill([places], False), marks], axis=0)[:-places]


def _in_sentence(rows: tf.Tensor, kinds: tf.Tensor, tags: tf.Tensor, word: tf.Tensor) -> tf.Tensor:
    """Where a sentence needs a hashtag: a word follows its row of them, or a joining word leads to it.

    tags: bool[m], hashtags with their signs; word: bool[m], running text that is no hashtag.
    """
    count = tf.shape(rows)[0]
    others = tf.concat([tf.where(~tags)[:, 0], [tf.cast(count, tf.int64)]], axis=0)
    after = tf.cast(tf.gather(others, tf.cumsum(tf.cast(~tags, tf.int32))), tf.int32)
    end = tf.minimum(after, tf.maximum(count - 1, 0))
    leads = word & tf.equal(tf.bitwise.bitwise_and(kinds, _CREDITS), 0)
    follows = tf.gather(leads, end) & tf.equal(tf.gather(rows, end), rows) & (after < count)
    near = after - tf.range(count) < 2 * LONGEST_ROW
    joining = word & tf.not_equal(tf.bitwise.bitwise_and(kinds, _JOINING), 0)
    same = tf.equal(tf.concat([[-1, -1], rows], axis=0)[:-2], rows)
    return follows & near | _after(joining, 2) & same


def _phrases(said: _Said, kinds: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """Names and rows of all phrases of running text that begin as one of the lexicon does."""
    starts = tf.where(tf.not_equal(tf.bitwise.bitwise_and(kinds, _STARTS), 0))[:, 0]
    rows, last = tf.gather(said.rows, starts), tf.shape(said.rows, out_type=tf.int64)[0] - 1
    name = tf.gather(said.small, starts)
    found = [(name, rows)]
    for length in range(1, LONGEST):
        place = tf.minimum(starts + length, tf.maximum(last, 0))
        name = joined(name, tf.gather(said.small, place))
        inside = tf.equal(tf.gather(said.rows, place), rows) & (starts + length <= last)
        found.append((tf.where(inside, name, 0), rows))
    return found


def _concepts(hits: tf.Tensor, words: Words, marks: _Marks, said: _Said, n: tf.Tensor) -> tf.Tensor:
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
    small = tf.reduce_any(
        [tf.equal(said.small, _constant(one)) for one in {*map(str.lower, ACRONYMS)}], axis=0
    )
    some = tf.where(small)[:, 0]
    written = tf.gather(words.written, tf.gather(said.place, some))
    table = tf.stack([tf.equal(written, one) for one in ACRONYMS], axis=1)
    return tf.math.unsorted_segment_sum(tf.cast(table, tf.float32), tf.gather(said.rows, some), n)


def _count(marks: Sequence[tf.Tensor], rows: tf.Tensor, n: tf.Tensor) -> tf.Tensor:
    """How many words of each text bear each mark, float32[n, marks]; marks are rare."""
    table = tf.stack(marks, axis=1)
    some = tf.where(tf.reduce_any(table, axis=1))[:, 0]
    return tf.math.unsorted_segment_sum(tf.cast(tf.gather(table, some), tf.float32), tf.gather(rows, some), n)


def _constant(word: str) -> tf.Tensor:
    with tf.init_scope():  # hashed once, not in each answer
        return tf.constant(hashed(tf.constant(word)).numpy())


def _numbered(lexicon: Lexicon) -> tuple[np.ndarray, list[frozenset[int]]]:
    """The number of every phrase and hashtag, int64[m], and their columns."""
    names, columns = [], []
    for phrase, places in lexicon.phrases.items():
        first, *others = hashed(tf.constant(phrase.split()))
        for word in others:
            first = joined(first, word)
        names.append(first.numpy())
        columns.append(places)
    if lexicon.tags:
        names += as_tag(hashed(tf.constant(list(lexicon.tags)))).numpy().tolist()
        columns += lexicon.tags.values()
    return np.array(names, np.int64), columns


def _table(names: np.ndarray, columns: list[frozenset[int]]) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Bucket -> entry, entry -> number, entry -> columns; entry 0 is none. Of two in one bucket the first
    stays (of some thousand phrases a handful are lost)."""
    table = np.zeros(BUCKETS, np.int32)
    flags = np.zeros((len(names) + 1, len(COLUMNS)), np.float32)
    for entry, (place, touched) in enumerate(zip(bucket(names, BITS).numpy(), columns, strict=True), start=1):
        table[place] = table[place] or entry
        flags[entry, list(touched)] = 1.0
    return tf.constant(table), tf.constant(np.append(0, names)), tf.constant(flags)


def _kinds(lexicon: Lexicon) -> tf.Tensor:
    """What kinds of word a bucket holds, int32[BUCKETS]: begins a phrase, joins a hashtag, gives credit."""
    kinds = np.zeros(BUCKETS, np.int32)
    starts = {phrase.split()[0] for phrase in lexicon.phrases}
    for words, kind in ((starts, _STARTS), (JOINING, _JOINING), (CREDITS, _CREDITS)):
        kinds[bucket(hashed(tf.constant(sorted(words))), BITS).numpy()] |= kind
    return tf.constant(kinds)
