"""Features of texts, computed in the graph as the labelling functions read a post
(``include.lexicon.text_features``).

For the network: which of the lexicon's lists a post matches, in its running text or its hashtags, and a few
counts. For the linear part: words and pairs of words. The tokens of all texts form one long row, because a
padded table would be mostly padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy.sparse import csr_matrix, vstack

from include.model.features.lexicon import COLUMNS, COUNTED, LONGEST, SAID, TAGGED, Lexicon
from include.model.features.lexicon_tables import STARTS, roles_of, tables_of
from include.model.features.token_kinds import TokenKinds
from include.model.features.tokenizer import BUCKETS, Tokens, as_tag, bucket, constant, joined, tokenize

ACRONYMS = ("AI", "AIs", "ML", "NLP", "ai", "ml")
COUNTS = (
    *("hashtags", "links", "handles", "a reply", *ACRONYMS, "words"),
    *("talk, share", "another language, share", "subjects tagged", "subjects tagged, share"),
)
CONCEPTS = (*COLUMNS[: -len(COUNTED)], *COUNTS)
"""The names of the network's inputs, in order."""


class Occurrences(NamedTuple):
    """Ids that occur in many texts, and the text of each occurrence, ascending; int32[m] both."""

    ids: tf.Tensor
    rows: tf.Tensor

    def sums(self, table: tf.Tensor, n: tf.Tensor) -> tf.Tensor:
        """For each text the sum of its ids' rows of a table [ids, k]: [n, k]."""
        return tf.sparse.segment_sum(table, self.ids, self.rows, num_segments=n)


class Featurized(NamedTuple):
    """concepts: float32[n, len(CONCEPTS)]; words and pairs: ids below BUCKETS."""

    concepts: tf.Tensor
    words: Occurrences
    pairs: Occurrences


class Featurizer:
    """Computes the features of texts in the graph, with a lexicon's lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._table, self._names, self._columns = tables_of(lexicon)
        self._roles = roles_of(lexicon)

    def __call__(self, texts: tf.Tensor) -> Featurized:
        tokens, n = tokenize(texts), tf.shape(texts)[0]
        words = Occurrences(bucket(tokens.hashes), tokens.rows)
        roles = tf.gather(self._roles, words.ids)
        kinds = TokenKinds.of(tokens, roles)
        place, tags = tf.where(kinds.said)[:, 0], tf.where(kinds.tag)[:, 0]
        said = _RunningText(tf.gather(tokens.hashes, place), tf.gather(tokens.rows, place), place)
        tagged = as_tag(tf.gather(tokens.hashes, tags)), tf.gather(tokens.rows, tags)
        hits = [self._entries(*found).sums(self._columns, n) for found in (_phrases(said, roles), tagged)]
        return Featurized(_concepts(hits[0] + hits[1], tokens, kinds, said, n), words, _pairs(said))

    def _entries(self, names: tf.Tensor, rows: tf.Tensor) -> Occurrences:
        """The lexicon's entries among hashes of phrases and hashtags."""
        entries = tf.gather(self._table, bucket(names))
        some = tf.where(entries > 0)[:, 0]
        entries, names = tf.gather(entries, some), tf.gather(names, some)
        right = tf.equal(tf.gather(self._names, entries), names)
        return Occurrences(tf.where(right, entries, 0), tf.gather(rows, some))

    def featurize(self, texts: Sequence[str], batch: int = 2048) -> tuple[np.ndarray, csr_matrix]:
        """The same in numpy: concepts float32[n, len(CONCEPTS)], and counts float64[n, BUCKETS]."""
        concepts, counts = [np.empty((0, len(CONCEPTS)), np.float32)], [csr_matrix((0, BUCKETS))]
        for start in range(0, len(texts), batch):
            part = [text.encode("utf-8", "replace") for text in texts[start : start + batch]]
            found = self._traced(tf.constant(part, tf.string))
            concepts.append(found.concepts.numpy())
            ids, rows = (np.concatenate(both) for both in zip(found.words, found.pairs, strict=True))
            counts.append(csr_matrix((np.ones(len(rows)), (rows, ids)), shape=(len(part), BUCKETS)))
        return np.concatenate(concepts), vstack(counts, format="csr")

    @property
    def _traced(self) -> tf.types.experimental.GenericFunction:
        if not hasattr(self, "_function"):
            self._function = tf.function(self, input_signature=[tf.TensorSpec([None], tf.string)])
        return self._function


class _RunningText(NamedTuple):
    """The words of running text: their hashes int64[k], texts int32[k], and places among all tokens."""

    hashes: tf.Tensor
    rows: tf.Tensor
    place: tf.Tensor


def _phrases(said: _RunningText, roles: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Hashes and texts of all phrases of running text that begin with a first word of the lexicon's."""
    roles = tf.gather(roles, said.place)
    starts = tf.where(tf.not_equal(tf.bitwise.bitwise_and(roles, STARTS), 0))[:, 0]
    rows, last = tf.gather(said.rows, starts), tf.shape(said.rows, out_type=tf.int64)[0] - 1
    name = tf.gather(said.hashes, starts)
    names = [name]
    for length in range(1, LONGEST):
        place = tf.minimum(starts + length, tf.maximum(last, 0))
        name = joined(name, tf.gather(said.hashes, place))
        inside = tf.equal(tf.gather(said.rows, place), rows) & (starts + length <= last)
        names.append(tf.where(inside, name, 0))
    return tf.reshape(tf.stack(names, axis=1), [-1]), tf.repeat(rows, LONGEST)


def _pairs(said: _RunningText) -> Occurrences:
    """Neighbouring words of running text."""
    names = bucket(joined(said.hashes[:-1], said.hashes[1:]))
    both = tf.where(tf.equal(said.rows[1:], said.rows[:-1]))[:, 0]
    return Occurrences(tf.gather(names, both), tf.gather(said.rows, both))


def _concepts(
    hits: tf.Tensor, tokens: Tokens, kinds: TokenKinds, said: _RunningText, n: tf.Tensor
) -> tf.Tensor:
    """The network's inputs, see ``CONCEPTS``."""
    matched, shared = tf.minimum(hits[:, : -len(COUNTED)], 1.0), hits[:, -len(COUNTED) :]
    first = tf.not_equal(tokens.rows, tf.concat([[-1], tokens.rows], axis=0)[:-1])
    signs = _count((kinds.tag, kinds.link, kinds.handle, kinds.handle & first), tokens.rows, n)
    acronyms = tf.minimum(_acronyms(tokens, said, n), 1.0)
    length = tf.math.unsorted_segment_sum(tf.ones_like(said.rows, tf.float32), said.rows, n)[:, None]
    subjects = tf.reduce_sum(matched[:, len(SAID) : len(SAID) + len(TAGGED)], axis=1, keepdims=True)
    parts = [
        *(matched, tf.math.log1p(signs[:, :3]), signs[:, 3:], acronyms, tf.math.log1p(length)),
        *(4 * shared / tf.maximum(length, 1.0), tf.math.log1p(subjects), subjects / (1 + signs[:, :1])),
    ]
    return tf.concat(parts, axis=1)


def _acronyms(tokens: Tokens, said: _RunningText, n: tf.Tensor) -> tf.Tensor:
    """How often each text contains each acronym, as written, float32[n, acronyms]."""
    lowered = dict.fromkeys(one.lower() for one in ACRONYMS)
    some = tf.where(tf.reduce_any([tf.equal(said.hashes, constant(one)) for one in lowered], axis=0))[:, 0]
    written = tf.gather(tokens.written, tf.gather(said.place, some))
    table = tf.stack([tf.equal(written, one) for one in ACRONYMS], axis=1)
    return tf.math.unsorted_segment_sum(tf.cast(table, tf.float32), tf.gather(said.rows, some), n)


def _count(kinds: Sequence[tf.Tensor], rows: tf.Tensor, n: tf.Tensor) -> tf.Tensor:
    """How many tokens of each text are of each kind, float32[n, kinds]; all of these kinds are rare."""
    table = tf.stack(kinds, axis=1)
    some = tf.where(tf.reduce_any(table, axis=1))[:, 0]
    return tf.math.unsorted_segment_sum(tf.cast(tf.gather(table, some), tf.float32), tf.gather(rows, some), n)
