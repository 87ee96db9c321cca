"""How good a classifier trained on golden labels alone is: TF-IDF with logistic regression."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from include.baselines.tfidf import TfidfRegression
from include.datasets.golden_set import TO_LEARN_FROM_ALONE
from include.labelling.golden_posts import GoldenPosts

FOLDS = 5


def cross_fitted(golden: GoldenPosts, seed: int = 0) -> np.ndarray | None:
    """A label for each golden post by a model that learned neither from it nor from its near-duplicates.

    None where there are too few golden posts of a class, or too few groups of near-duplicates.
    """
    if not TO_LEARN_FROM_ALONE.met_by(golden.labels, golden.groups):
        return None
    found = np.empty(len(golden), dtype=np.int8)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for learned, judged in folds.split(np.zeros(len(golden)), golden.labels, golden.groups):
        texts = [golden.texts[place] for place in learned]
        model = TfidfRegression.fit(texts, golden.labels[learned].astype(np.float64))
        found[judged] = model.probabilities([golden.texts[place] for place in judged]) > 0.5
    return found
