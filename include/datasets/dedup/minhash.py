"""What makes two texts near-duplicates: shingles of words, and their MinHash bands.

Texts are compared by the pairs of neighbouring words they hold (Broder 1997, "On the resemblance
and containment of documents"). MinHash estimates the Jaccard similarity of two such sets; ``BANDS``
groups of ``ROWS`` hashes each find a pair of similarity s with probability 1 - (1 - s^ROWS)^BANDS
(Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4): 0.99 at 0.7, 0.13 at 0.3. Pairs that are
found that way are only candidates; then the sets themselves are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

BANDS = 18
ROWS = 4
MIN_SHINGLES = 3
"""Texts with fewer (of four words or less) have no near-duplicates except exact copies."""

SIMILAR = 0.7
"""Jaccard similarity from which two texts are near-duplicates."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mix(values: np.ndarray) -> np.ndarray:
    """Scramble 64-bit integers (the finaliser of SplitMix64: Steele, Lea, Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_SEEDS = _mix(np.arange(1, BANDS * ROWS + 1, dtype=np.uint64) * _GOLDEN)


def shingles(words: Sequence[str]) -> np.ndarray:
    """Hashes of the pairs of neighbouring words, each once, sorted: int64[n].

    >>> len(shingles("the cat sat on the cat".split()))
    4
    >>> len(shingles(["too", "few", "words"]))
    0
    """
    hashes = np.fromiter((crc32(word.encode("utf-8", "replace")) for word in words), np.uint64, len(words))
    pairs = np.unique(_mix(hashes[:-1] * _GOLDEN + hashes[1:]).view(np.int64))
    return pairs if len(pairs) >= MIN_SHINGLES else pairs[:0]


def bands(flat: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Band keys of many sets of shingles at once: int64[n, BANDS].

    Args:
        flat: the shingles of all sets, one after the other: int64[total].
        starts: where each set starts in ``flat``: int64[n]; no set is empty.

    Two sets with the same key in the same column are candidates; keys differ between columns.

    >>> two = shingles("a b c d e f".split())
    >>> keys = bands(np.concatenate([two, two]), np.array([0, len(two)]))
    >>> keys.shape == (2, BANDS), bool((keys[0] == keys[1]).all()), len(set(keys[0])) == BANDS
    (True, True, True)
    """
    values = flat.view(np.uint64)
    signature = np.empty((len(starts), BANDS * ROWS), np.uint64)
    for place, seed in enumerate(_SEEDS):
        signature[:, place] = np.minimum.reduceat(_mix(values ^ seed), starts)
    keys = np.zeros((len(starts), BANDS), np.uint64)
    for row in range(ROWS):
        keys = _mix((keys + signature[:, row::ROWS]) * _GOLDEN)
    return (keys ^ _SEEDS[:BANDS]).view(np.int64)
