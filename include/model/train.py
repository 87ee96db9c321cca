"""Train, evaluate and store one model version."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any

import numpy as np

from include.datasets.golden_set import Golden, Labelled
from include.infra.postgres.connection import connect
from include.model.evaluation.baseline_comparison import (
    KEYWORDS,
    MODEL,
    TFIDF,
    Scorer,
    judge,
    keyword_scores,
    lost_first,
    verdict,
)
from include.model.evaluation.behaviour import run_cases
from include.model.evaluation.predictions import Answers
from include.model.evaluation.slices import slices
from include.model.registry.provenance import data_hash, environment
from include.model.registry.store import CARD_FILE, ModelStore
from include.model.registry.trained_on import save_seen
from include.model.registry.versions import begin_version, complete_version
from include.model.reports.model_card import model_card
from include.model.reports.plots import save_plots, save_slices
from include.model.training.data import Data, read_data
from include.model.training.fit import Learned, learn
from include.model.training.network import GOLDEN_WEIGHT
from include.model.training.saved_model import SavedModel, export_model
from include.schema.dataset_tables import VersionTables
from include.settings import Settings, get_settings

log = logging.getLogger(__name__)

TFIDF_FILE = "tfidf_lr.json"


def train_classifier(
    version: int | str, settings: Settings | None = None, *, epochs: int = 12, seed: int = 1
) -> int:
    """Train on a dataset version's soft labels and on its golden ones outside the test split, and put the
    result into the model store. Its figures on golden labels are of models that had not met them.

    Returns:
        The model version: the number of its row in ``model_version`` and of its folder in the store.

    Raises:
        MissingTable, TooFewLabels, Collapsed: each says what to run or to look at. Nothing is left
        in the store then, and the row of ``model_version`` stays without ``completed_at``.
    """
    settings = settings or get_settings()
    tables, store = VersionTables.of(version, settings), ModelStore(settings)
    with connect(settings) as connection:
        data = read_data(connection, tables, seed)
    number = begin_version(settings, tables.version)
    with store.staging(number) as folder:
        report = _train(data, folder, number, settings.model_name, tables.version, epochs=epochs, seed=seed)
    complete_version(settings, number, store.path(number), report)
    log.info("model version %s of dataset version %s\n%s", number, tables.version, model_card(report))
    return number


def _train(
    data: Data, folder: Path, number: int, model_name: str, dataset_version: int, *, epochs: int, seed: int
) -> dict[str, Any]:
    """Fit, export and judge the exported form; everything ends up in ``folder``."""
    began = time.monotonic()
    finals = learn(data, epochs=epochs, seed=seed)
    export_model(finals.classifier, folder, number)
    seconds = time.monotonic() - began
    served = SavedModel(folder)
    scorers: dict[str, Scorer] = {
        MODEL: served.probabilities,
        KEYWORDS: keyword_scores,
        TFIDF: finals.tfidf.probabilities,
    }
    answers = {
        rows.source: _answers(rows, scorers, finals) for rows in (data.golden, data.weak) if rows is not None
    }
    judged = {
        rows.source: judge(rows.labels, answers[rows.source])
        for rows in (data.golden, data.weak)
        if rows is not None
    }
    report = {
        "model_name": model_name,
        "model_version": number,
        "dataset_version": dataset_version,
        "verdict": _verdict(judged),
        "judged_by": "golden" if "golden" in judged else "weak",
        "golden": judged.get("golden"),
        "golden_cross_fitted": len(finals.kept.hashes),
        "weak": judged.get("weak"),
        "slices": _slices(data, answers),
        "behaviour": run_cases(served.probabilities, finals.thresholds[MODEL]),
        "threshold": finals.thresholds[MODEL],
        "thresholds": finals.thresholds,
        "threshold_chosen_on": finals.chosen_on,
        "training": _training(data, finals, seconds),
        "counts": data.counts,
        "data_hash": _data_hash(data),
        "environment": environment(),
    }
    _write(folder / "report", report, finals, data, answers)
    return report


def _answers(rows: Labelled, scorers: dict[str, Scorer], finals: Learned) -> dict[str, Answers]:
    """Everyone's answers; for golden rows that were learned from, those of models that had not met them."""
    found = {name: Answers(scorer(rows.texts), finals.thresholds[name]) for name, scorer in scorers.items()}
    if isinstance(rows, Golden):
        for name in finals.kept.by_name.keys() & found.keys():
            found[name] = finals.kept.instead_of(found[name], name, rows.hashes)
    return found


def _slices(data: Data, answers: dict[str, dict[str, Answers]]) -> dict[str, Any] | None:
    golden = data.golden
    return slices(golden.texts, golden.langs, golden.labels, answers["golden"][MODEL]) if golden else None


def _write(
    folder: Path,
    report: dict[str, Any],
    finals: Learned,
    data: Data,
    answers: dict[str, dict[str, Answers]],
) -> None:
    folder.mkdir()
    finals.tfidf.save(folder / TFIDF_FILE)
    finals.kept.save(folder)
    save_seen(folder, data.hashes)
    text = json.dumps(report, indent=2, allow_nan=False, ensure_ascii=False)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    (folder / CARD_FILE).write_text(model_card(report), encoding="utf-8")
    for rows in (data.golden, data.weak):
        if rows:
            save_plots(folder, rows.source, rows.labels, answers[rows.source])
    if report["slices"]:
        save_slices(folder, report["slices"])


def _verdict(judged: dict[str, Any]) -> list[str]:
    """Where a baseline wins comes first."""
    sentences = [sentence for source, found in judged.items() for sentence in verdict(found, source)]
    if "golden" not in judged:
        sentences.append("No golden labels for this dataset version: judged by weak labels only.")
    return lost_first(sentences)


def _training(data: Data, finals: Learned, seconds: float) -> dict[str, Any]:
    deep, stack = finals.classifier.deep, finals.classifier.stack
    golden = len(finals.kept.hashes)
    return {
        "rows": len(data.train.texts),
        "positives": int(data.train.labels.sum()),
        "golden_rows": golden,
        "golden_weight": GOLDEN_WEIGHT if golden else None,
        "epochs": len(deep.history),
        "history": deep.history,
        "seconds": round(seconds, 2),
        "seed": deep.seed,
        "attempt": deep.attempt,
        "learning_rate": deep.learning_rate,
        "stack": {"linear": stack.weights[0], "network": stack.weights[1], "shift": stack.shift},
    }


def _data_hash(data: Data) -> str:
    """Over weak and golden rows alike."""
    hashes, probabilities = list(data.hashes), data.train.probabilities
    if data.golden is not None and (rows := data.golden.learnable).any():
        hashes += data.golden.hashes_of(rows)
        probabilities = np.append(probabilities, data.golden.labels[rows])
    return data_hash(hashes, probabilities)
