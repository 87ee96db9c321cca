"""From labels to a classifier: by golden and weak ones where there are enough golden ones, else by weak
ones alone."""

from __future__ import annotations

from dataclasses import dataclass

from include.baselines.calibration import fit_stack
from include.baselines.tfidf import TfidfRegression
from include.model.evaluation.baseline_comparison import KEYWORDS, MODEL, TFIDF
from include.model.evaluation.predictions import CrossFittedAnswers
from include.model.training.classifier import Classifier, Learner
from include.model.training.data import Data
from include.model.training.golden_study import fit_tfidf, study_golden
from include.statistics.classification import best_threshold


@dataclass(frozen=True)
class Learned:
    """What a training ends with.

    thresholds: by judge; chosen_on: in words; kept: answers for the golden rows that were learned from.
    """

    classifier: Classifier
    tfidf: TfidfRegression
    thresholds: dict[str, float]
    chosen_on: str
    kept: CrossFittedAnswers


def learn(data: Data, *, epochs: int, seed: int) -> Learned:
    """From weak and golden labels where there are enough golden ones, else from weak ones alone."""
    learner = Learner(data.train, data.dev, data.golden, epochs=epochs, seed=seed)
    if data.golden is None or not data.golden.learnable.any():
        return _by_weak_labels(learner, data)
    study, rows = study_golden(learner, data.train, data.golden), data.golden.learnable
    model, baseline = study.found[MODEL], study.found[TFIDF]
    return Learned(
        learner.classifier(learner.taught(rows), model.stack),
        fit_tfidf(data.train, data.golden, rows).calibrated(baseline.stack),
        {MODEL: model.threshold, KEYWORDS: 0.5, TFIDF: baseline.threshold},
        f"{int(rows.sum())} golden labels outside the test split, by cross-fitted answers",
        study.kept(),
    )


def _by_weak_labels(learner: Learner, data: Data) -> Learned:
    dev, tfidf = data.dev, TfidfRegression.fit(data.train.texts, data.train.probabilities)
    logits = learner.logits(dev.texts, learner.weak)
    stack = fit_stack(logits, dev.probabilities)
    thresholds = {
        MODEL: best_threshold(dev.labels, stack(logits)),
        KEYWORDS: 0.5,
        TFIDF: best_threshold(dev.labels, tfidf.probabilities(dev.texts)),
    }
    classifier = learner.classifier(learner.weak, stack)
    return Learned(classifier, tfidf, thresholds, data.dev_source, CrossFittedAnswers([], {}))
