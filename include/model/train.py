"""Train one model version: read, featurize, fit, calibrate, export, evaluate, report, store."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from include.infra.postgres.connection import connect
from include.model.evaluation.baseline_comparison import KEYWORDS, MODEL, TFIDF, compare, keyword_scores
from include.model.evaluation.behaviour import run_cases
from include.model.evaluation.predictions import Scorer
from include.model.registry.store import REPORT_FOLDER, ModelStore
from include.model.registry.versions import begin_version, complete_version
from include.model.reports.model_card import model_card
from include.model.reports.training_report import Identity, training_report, write_report
from include.model.training.classifier import fit_parts
from include.model.training.data import TrainingData, read_data
from include.model.training.fit import FittedModels, fit_on_golden, fit_on_weak
from include.model.training.golden_study import study_golden
from include.model.training.inputs import read_inputs
from include.model.training.saved_model import LoadedModel, export_model
from include.schema.dataset_tables import VersionTables
from include.settings import Settings, get_settings
from include.task_log import log_details, log_result


def train_classifier(
    version: int | str, settings: Settings | None = None, *, epochs: int = 12, seed: int = 1
) -> int:
    """Train on a dataset version's weak labels and on its golden ones outside the test split, and store the
    model. Its figures on golden labels are of models that did not learn from those.

    Returns:
        The model version: the number of its row in ``model_version`` and of its folder in the store.

    Raises:
        MissingTable, TooFewLabels, Collapsed: each says what to run or to look at. The store is then left as
            it was, and the row of ``model_version`` stays without ``completed_at``.
    """
    settings = settings or get_settings()
    tables, store = VersionTables.of(version, settings), ModelStore(settings)
    with connect(settings) as connection:
        data = read_data(connection, tables, seed)
    number = begin_version(settings, tables.version)
    identity = Identity(settings.model_name, number, tables.version)
    with store.staging(number) as folder:
        began = time.monotonic()
        models = fit_models(data, epochs=epochs, seed=seed)
        export_model(models.classifier, folder, number)
        report = _evaluate(identity, data, models, folder, time.monotonic() - began)
    complete_version(settings, number, store.path(number), report)
    log_result(_told(identity, report))
    log_details("Model card", model_card(report))
    return number


def _told(identity: Identity, report: Mapping[str, Any]) -> str:
    """The version, its figures beside the baselines', and the verdict."""
    judge = report["judged_by"]
    lines = [
        f"model version {identity.model_version} of dataset version {identity.dataset_version}, judged by "
        f"{judge} labels"
    ]
    for name, figures in report[judge].items():
        low, high = figures["f1_interval"]
        lines.append(f"- {name}: F1 {figures['f1']:.3f} ({low:.3f} to {high:.3f}) on {figures['n']} posts")
    return "\n".join([*lines, *(f"- {sentence}" for sentence in report["verdict"])])


def fit_models(data: TrainingData, *, epochs: int, seed: int) -> FittedModels:
    """Fit the classifier and its baseline: on weak labels, and on golden ones where there are enough."""
    golden = data.golden
    inputs = read_inputs(data.train.texts, data.dev.texts, golden.texts if golden else None)
    parts = fit_parts(inputs, data.train, data.dev, epochs=epochs, seed=seed)
    if golden is None or not data.learns_from_golden:
        return fit_on_weak(parts, data)
    return fit_on_golden(parts, data.train, study_golden(parts, data.train, golden))


def _evaluate(
    identity: Identity, data: TrainingData, models: FittedModels, folder: Path, seconds: float
) -> dict[str, Any]:
    """Measure the exported model beside its baselines, and write the report into ``folder``; its metrics."""
    served = LoadedModel(folder)
    scorers: dict[str, Scorer] = {
        MODEL: served.probabilities,
        KEYWORDS: keyword_scores,
        TFIDF: models.tfidf.probabilities,
    }
    comparisons = [
        compare(rows, scorers, models.thresholds, models.kept)
        for rows in (data.golden, data.weak)
        if rows is not None
    ]
    behaviour = run_cases(served.probabilities, models.thresholds[MODEL])
    report = training_report(identity, data, models, comparisons, behaviour, seconds)
    write_report(folder / REPORT_FOLDER, report, data, models, comparisons)
    return report
