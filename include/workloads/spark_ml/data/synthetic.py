"""Made-up rows with a class that a tree can learn from them: what needs no file.

They have the names and about the ranges of the data set, and no physics.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from include.workloads.spark_ml.base.row import FEATURES, LABEL

CHUNK = 4096
_B_TAGS = np.array([0.0, 1.086538, 2.173076])


def rows(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``count`` rows: features float64[count, 28], and whether each is signal, bool[count].

    The same seed and count give the same rows.
    """
    parts = [chunk(seed, number) for number in range(-(-count // CHUNK))]
    return (
        np.concatenate([features for features, _ in parts])[:count],
        np.concatenate([signal for _, signal in parts])[:count],
    )


def chunk(seed: int, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``number``-th CHUNK of the rows of a seed."""
    random = np.random.default_rng([seed, number])
    signal = random.random(CHUNK) < 0.5
    columns = {name: _column(name, signal, random) for name in FEATURES}
    return np.column_stack([columns[name] for name in FEATURES]), signal


def _column(name: str, signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    if name.endswith("_btag"):
        return random.choice(_B_TAGS, CHUNK)
    if name.endswith(("_eta", "_phi")):
        return random.normal(0.0, 1.0, CHUNK)
    spread = random.gamma(9.0, 1 / 9, CHUNK)
    return spread * np.where(signal, 0.8, 1.0) if name.startswith("m_") else spread


def write_csv(file: Path, count: int, seed: int) -> None:
    """A CSV file of such rows, with the header of TRAINING_COLUMNS, to learn from."""
    features, signal = rows(count, seed)
    columns = {name: features[:, place] for place, name in enumerate(FEATURES)}
    csv.write_csv(pa.table({**columns, LABEL: signal.astype(np.int8)}), file)
