"""Which texts a stored model learned from with a weak label."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

SEEN_FILE = "trained_on.npy"


def short_hashes(hashes: Sequence[str]) -> np.ndarray:
    """The first 64 bits of each text's hash: uint64[n]; enough to recognise a text.

    >>> short_hashes(["00000000000000ff" + "0" * 16]).tolist()
    [255]
    """
    return np.array([int(text_hash[:16], 16) for text_hash in hashes], dtype=np.uint64)


def save_seen(report: Path, hashes: Sequence[str]) -> None:
    """Write the hashes of the weak rows that were learned from into a model's report."""
    np.save(report / SEEN_FILE, np.sort(short_hashes(hashes)), allow_pickle=False)


def seen(report: Path, hashes: Sequence[str]) -> np.ndarray:
    """Which of these texts a model learned from with a weak label: bool[n]; none without such a list."""
    if not (report / SEEN_FILE).is_file():
        return np.zeros(len(hashes), dtype=bool)
    return np.isin(short_hashes(hashes), np.load(report / SEEN_FILE, allow_pickle=False))
