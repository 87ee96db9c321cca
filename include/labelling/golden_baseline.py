"""What golden labels reach alone: TF-IDF with logistic regression, no labelling function asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from include.baselines.tfidf import TfidfRegression
from include.labelling.golden_posts import GoldenPosts

FEWEST = 100
"""Below this, folds of a fifth are too small to say anything."""
FOLDS = 5


def cross_fitted(golden: GoldenPosts, seed: int = 0) -> np.ndarray | None:
    """A label for each golden post by a model that saw neither it nor its near-duplicates, int8 [g].

    None where there are too few golden posts of a class, or too few groups of near-duplicates.
    """
    if not _enough(golden.labels, golden.groups):
        return None
    found = np.empty(len(golden), dtype=np.int8)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for learned, judged in folds.split(np.zeros(len(golden)), golden.labels, golden.groups):
        texts = [golden.texts[place] for place in learned]
        model = TfidfRegression.fit(texts, golden.labels[learned].astype(np.float64))
        found[judged] = model.probabilities([golden.texts[place] for place in judged]) > 0.5
    return found


def _enough(labels: np.ndarray, groups: Sequence[str]) -> bool:
    of_class = [
        {group for group, own in zip(groups, labels, strict=True) if own == label} for label in (0, 1)
    ]
    return len(labels) >= FEWEST and min(map(len, of_class)) >= 2 * FOLDS
