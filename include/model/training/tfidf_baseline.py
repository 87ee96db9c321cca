"""The TF-IDF baseline, fitted on the same labels as the classifier."""

from __future__ import annotations

import numpy as np

from include.baselines.tfidf import TfidfRegression
from include.datasets.golden_set import Golden
from include.model.training import golden_weights
from include.model.training.soft_labels import SoftLabelled


def fit_tfidf(train: SoftLabelled | None, golden: Golden | None, rows: np.ndarray) -> TfidfRegression:
    """Fit on weak labels, where given, and on the golden ones of some rows (bool[n])."""
    texts, probabilities, counts = [], [], []
    if train is not None:
        texts += list(train.texts)
        probabilities.append(train.probabilities)
        counts.append(np.ones(len(train.texts)))
    if golden is not None and rows.any():
        texts += [golden.texts[row] for row in np.flatnonzero(rows).tolist()]
        probabilities.append(golden.labels[rows].astype(np.float64))
        counts.append(np.full(int(rows.sum()), golden_weights.TFIDF_BASELINE))
    return TfidfRegression.fit(texts, np.concatenate(probabilities), np.concatenate(counts))
