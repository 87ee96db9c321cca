"""The last step of a training: calibrations and thresholds, and the models that are stored."""

from __future__ import annotations

from dataclasses import dataclass

from include.baselines.calibration import fit_calibration
from include.baselines.tfidf import TfidfRegression
from include.datasets.golden_set import Golden
from include.model.evaluation.baseline_comparison import KEYWORDS, MODEL, TFIDF
from include.model.evaluation.predictions import CrossFittedAnswers
from include.model.training.classifier import Classifier, FittedParts
from include.model.training.data import TrainingData
from include.model.training.golden_study import Study
from include.model.training.soft_labels import SoftLabelled
from include.model.training.tfidf_baseline import fit_tfidf
from include.statistics.classification import best_threshold


@dataclass(frozen=True)
class FittedModels:
    """What a training ends with.

    thresholds: by name; chosen_on: in words; kept: predictions for the golden rows that were learned from.
    """

    classifier: Classifier
    tfidf: TfidfRegression
    thresholds: dict[str, float]
    chosen_on: str
    kept: CrossFittedAnswers


def fit_on_golden(parts: FittedParts, train: SoftLabelled, study: Study) -> FittedModels:
    """Learn from all golden labels outside test, with the study's calibrations and thresholds."""
    golden: Golden = study.golden
    rows, model, baseline = golden.learnable, study.found[MODEL], study.found[TFIDF]
    return FittedModels(
        parts.classifier(parts.refit(golden.labels, rows), model.calibration),
        fit_tfidf(train, golden, rows).calibrated(baseline.calibration),
        {MODEL: model.threshold, KEYWORDS: 0.5, TFIDF: baseline.threshold},
        f"{int(rows.sum())} golden labels outside the test split, by cross-fitted answers",
        study.kept(),
    )


def fit_on_weak(parts: FittedParts, data: TrainingData) -> FittedModels:
    """Keep what the weak labels taught, with calibration and thresholds chosen on the dev rows."""
    dev, tfidf = data.dev, TfidfRegression.fit(data.train.texts, data.train.probabilities)
    logits = parts.logits(parts.inputs.dev, parts.weak)
    calibration = fit_calibration(logits, dev.probabilities)
    thresholds = {
        MODEL: best_threshold(dev.labels, calibration(logits)),
        KEYWORDS: 0.5,
        TFIDF: best_threshold(dev.labels, tfidf.probabilities(dev.texts)),
    }
    classifier = parts.classifier(parts.weak, calibration)
    return FittedModels(classifier, tfidf, thresholds, data.dev_source, CrossFittedAnswers([], {}))
