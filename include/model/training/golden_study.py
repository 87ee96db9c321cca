"""The cross-fitted study of a dataset version's golden labels: the model and its baselines, fold by fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from include.baselines.tfidf import TfidfRegression
from include.datasets.golden_set import Golden
from include.model.evaluation.baseline_comparison import (
    GOLDEN_ONLY,
    KEYWORDS,
    MODEL,
    TFIDF,
    judge,
    keyword_answers,
    verdict,
)
from include.model.evaluation.predictions import Answers, CrossFittedAnswers
from include.model.evaluation.slices import slices
from include.model.training.classifier import Learner
from include.model.training.cross_fitting import FOLDS, SEED, CrossFitted, assign_folds, cross_fit
from include.model.training.network import SoftLabelled
from include.statistics.classification import evaluate, f1_difference

GOLDEN_WEIGHT = 10.0
"""How many weak labels a golden one counts for in the TF-IDF baseline."""
_OF_A_FOLD = ("n", "positives", "threshold", "precision", "recall", "f1", "auc")


@dataclass(frozen=True)
class Study:
    """What everyone said of the golden rows without having met them."""

    golden: Golden
    found: dict[str, CrossFitted]

    @property
    def answers(self) -> dict[str, Answers]:
        """Everyone's answers, the keyword rule's among them: it learns nothing."""
        learned = {name: Answers(one.probabilities, one.thresholds) for name, one in self.found.items()}
        return {MODEL: learned.pop(MODEL), KEYWORDS: keyword_answers(self.golden.texts), **learned}

    def kept(self) -> CrossFittedAnswers:
        """The answers for rows that the final model learns from: it can't be asked about those."""
        rows = np.flatnonzero(self.golden.learnable)
        by_name = {
            name: Answers(one.probabilities[rows], one.thresholds[rows]) for name, one in self.found.items()
        }
        return CrossFittedAnswers(self.golden.hashes_of(self.golden.learnable), by_name)

    def figures(self) -> dict[str, Any]:
        """Pooled figures of all judges, the model's by fold and by part of the posts, and how its F1 differs
        from each baseline's on the same rows."""
        golden, answers = self.golden, self.answers
        judged = judge(golden.labels, answers)
        return {
            "verdict": verdict(judged, "golden"),
            **judged.pop(MODEL),
            "baselines": judged,
            "f1_differences": {name: self._difference(answers[MODEL], answers[name]) for name in judged},
            "by_fold": [self._fold(number) for number in np.unique(self.found[MODEL].folds)],
            "slices": slices(golden.texts, golden.langs, golden.labels, answers[MODEL]),
        }

    def _difference(self, ours: Answers, theirs: Answers) -> dict[str, Any]:
        point, interval = f1_difference(self.golden.labels, ours.predicted, theirs.predicted)
        return {"point": point, "interval": list(interval)}

    def _fold(self, number: int) -> dict[str, Any]:
        found = self.found[MODEL]
        rows = found.folds == number
        figures = evaluate(self.golden.labels[rows], found.probabilities[rows], found.thresholds[rows])
        return {name: figures[name] for name in _OF_A_FOLD}


def study_golden(
    learner: Learner, train: SoftLabelled, golden: Golden, *, folds: int = FOLDS, seed: int = SEED
) -> Study:
    """Cross-fit the model and the baselines that learn, over the same folds of near-duplicate groups."""
    assigned = assign_folds(golden.groups, golden.labels, folds, seed)
    learners: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        MODEL: learner.golden_logits,
        TFIDF: lambda rows: fit_tfidf(train, golden, rows).logits(golden.texts)[:, None],
        GOLDEN_ONLY: lambda rows: fit_tfidf(None, golden, rows).logits(golden.texts)[:, None],
    }
    found = {
        name: cross_fit(learn, golden.labels, assigned, golden.learnable) for name, learn in learners.items()
    }
    return Study(golden, found)


def fit_tfidf(train: SoftLabelled | None, golden: Golden | None, rows: np.ndarray) -> TfidfRegression:
    """The baseline, learned from what the model learns from: weak labels and some golden ones (bool[n])."""
    texts, probabilities, counts = [], [], []
    if train is not None:
        texts += list(train.texts)
        probabilities.append(train.probabilities)
        counts.append(np.ones(len(train.texts)))
    if golden is not None and rows.any():
        texts += [golden.texts[row] for row in np.flatnonzero(rows).tolist()]
        probabilities.append(golden.labels[rows].astype(np.float64))
        counts.append(np.full(int(rows.sum()), GOLDEN_WEIGHT))
    return TfidfRegression.fit(texts, np.concatenate(probabilities), np.concatenate(counts))
