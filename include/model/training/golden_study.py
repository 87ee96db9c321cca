"""The cross-fitted study of a dataset version's golden labels: the model and its baselines, fold by fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from include.datasets.golden_set import Golden
from include.model.evaluation.baseline_comparison import (
    GOLDEN_ONLY,
    KEYWORDS,
    MODEL,
    TFIDF,
    difference_of_f1,
    keyword_answers,
    metrics_by_name,
    verdict,
)
from include.model.evaluation.predictions import Answers, CrossFittedAnswers
from include.model.evaluation.slices import slices
from include.model.training.classifier import FittedParts
from include.model.training.cross_fitting import FOLDS, SEED, CrossFitted, assign_folds, cross_fit
from include.model.training.soft_labels import SoftLabelled
from include.model.training.tfidf_baseline import fit_tfidf
from include.statistics.classification import evaluate

_OF_A_FOLD = ("n", "positives", "threshold", "precision", "recall", "f1", "auc")


@dataclass(frozen=True)
class Study:
    """Cross-fitted predictions of the golden rows, by the model and by each baseline that learns."""

    golden: Golden
    found: dict[str, CrossFitted]

    @property
    def answers(self) -> dict[str, Answers]:
        """The predictions by name, with those of the keyword rule, which learns nothing."""
        learned = {name: Answers(one.probabilities, one.thresholds) for name, one in self.found.items()}
        return {MODEL: learned.pop(MODEL), KEYWORDS: keyword_answers(self.golden.texts), **learned}

    def kept(self) -> CrossFittedAnswers:
        """The predictions for rows that the final model learns from, whose own can't be measured."""
        rows = np.flatnonzero(self.golden.learnable)
        by_name = {
            name: Answers(one.probabilities[rows], one.thresholds[rows]) for name, one in self.found.items()
        }
        return CrossFittedAnswers(self.golden.hashes_of(self.golden.learnable), by_name)

    def figures(self) -> dict[str, Any]:
        """Pooled metrics of the model and of the baselines, the model's by fold and by slice, and the
        difference of its F1 from each baseline's on the same rows."""
        golden, answers = self.golden, self.answers
        metrics = metrics_by_name(golden.labels, answers)
        return {
            "verdict": verdict(metrics, "golden"),
            **metrics.pop(MODEL),
            "baselines": metrics,
            "f1_differences": {name: difference_of_f1(golden.labels, answers, name) for name in metrics},
            "by_fold": [self._fold(number) for number in np.unique(self.found[MODEL].folds)],
            "slices": slices(golden.texts, golden.langs, golden.labels, answers[MODEL]),
        }

    def _fold(self, number: int) -> dict[str, Any]:
        found = self.found[MODEL]
        rows = found.folds == number
        figures = evaluate(self.golden.labels[rows], found.probabilities[rows], found.thresholds[rows])
        return {name: figures[name] for name in _OF_A_FOLD}


def study_golden(
    parts: FittedParts, train: SoftLabelled, golden: Golden, *, folds: int = FOLDS, seed: int = SEED
) -> Study:
    """Cross-fit the model and the baselines that learn, over the same folds of near-duplicate groups."""
    assert parts.inputs.golden is not None
    inputs = parts.inputs.golden
    learners: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        MODEL: lambda rows: parts.logits(inputs, parts.refit(golden.labels, rows)),
        TFIDF: lambda rows: fit_tfidf(train, golden, rows).logits(golden.texts)[:, None],
        GOLDEN_ONLY: lambda rows: fit_tfidf(None, golden, rows).logits(golden.texts)[:, None],
    }
    assigned = assign_folds(golden.groups, golden.labels, folds, seed)
    found = {
        name: cross_fit(learn, golden.labels, assigned, golden.learnable) for name, learn in learners.items()
    }
    return Study(golden, found)
