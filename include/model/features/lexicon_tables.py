"""The lexicon as lookup tables of the graph, by hashes of words and phrases."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from include.lexicon.function_words import CREDITS, JOINING
from include.model.features.lexicon import COLUMNS, Lexicon
from include.model.features.tokenizer import BUCKETS, as_tag, bucket, joined, known

STARTS, JOINS, CREDITED = 1, 2, 4
"""Roles of a word, as bits: it begins a phrase, joins a hashtag to a sentence, begins a credit line."""


def tables_of(lexicon: Lexicon) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Bucket -> entry, entry -> hash, entry -> columns; entry 0 is none. Of two entries in one bucket the
    first is kept (of some thousand phrases a handful are lost)."""
    names, columns = _hashed(lexicon)
    table = np.zeros(BUCKETS, np.int32)
    flags = np.zeros((len(names) + 1, len(COLUMNS)), np.float32)
    for entry, (place, matched) in enumerate(zip(bucket(names).numpy(), columns, strict=True), start=1):
        table[place] = table[place] or entry
        flags[entry, list(matched)] = 1.0
    return tf.constant(table), tf.constant(np.append(0, names)), tf.constant(flags)


def roles_of(lexicon: Lexicon) -> tf.Tensor:
    """The roles of the words in each bucket, int32[BUCKETS], as bits."""
    roles = np.zeros(BUCKETS, np.int32)
    starts = {phrase.split()[0] for phrase in lexicon.phrases}
    for words, role in ((starts, STARTS), (JOINING, JOINS), (CREDITS, CREDITED)):
        roles[bucket(known(sorted(words))).numpy()] |= role
    return tf.constant(roles)


def _hashed(lexicon: Lexicon) -> tuple[np.ndarray, list[frozenset[int]]]:
    """The hash of every phrase and hashtag, int64[m], and their columns."""
    names, columns = [], []
    for phrase, places in lexicon.phrases.items():
        first, *others = known(phrase.split())
        for word in others:
            first = joined(first, word)
        names.append(first.numpy())
        columns.append(places)
    if lexicon.tags:
        names += as_tag(known(list(lexicon.tags))).numpy().tolist()
        columns += lexicon.tags.values()
    return np.array(names, np.int64), columns
