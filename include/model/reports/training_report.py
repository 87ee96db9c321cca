"""The report of a training: ``metrics.json`` and all files beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.model.evaluation.baseline_comparison import MODEL, Comparison, lost_first
from include.model.evaluation.slices import slices
from include.model.registry.provenance import environment
from include.model.registry.store import CARD_FILE, METRICS_FILE, TFIDF_FILE
from include.model.registry.trained_on import save_seen
from include.model.reports.model_card import model_card
from include.model.reports.plots import save_plots, save_slices
from include.model.training import golden_weights
from include.model.training.data import TrainingData
from include.model.training.fit import FittedModels


@dataclass(frozen=True)
class Identity:
    """Which model a report is about."""

    model_name: str
    model_version: int
    dataset_version: int


def training_report(
    identity: Identity,
    data: TrainingData,
    models: FittedModels,
    comparisons: Sequence[Comparison],
    behaviour: dict[str, Any],
    seconds: float,
) -> dict[str, Any]:
    """The content of ``metrics.json``.

    Args:
        comparisons: on golden labels where there are any, then on the weak ones of the test table.
        behaviour: as ``include.model.evaluation.behaviour.run_cases`` returns it.
        seconds: that fitting and exporting took.
    """
    by_source = {one.rows.source: one for one in comparisons}
    metrics = {source: one.metrics for source, one in by_source.items()}
    return {
        "model_name": identity.model_name,
        "model_version": identity.model_version,
        "dataset_version": identity.dataset_version,
        "verdict": _verdict(by_source),
        "judged_by": "golden" if "golden" in by_source else "weak",
        "golden": metrics.get("golden"),
        "golden_cross_fitted": len(models.kept.hashes),
        "weak": metrics.get("weak"),
        "slices": _slices(data, by_source),
        "behaviour": behaviour,
        "threshold": models.thresholds[MODEL],
        "thresholds": models.thresholds,
        "threshold_chosen_on": models.chosen_on,
        "training": _training(data, models, seconds),
        "counts": data.counts,
        "data_hash": data.content_hash(),
        "environment": environment(),
    }


def write_report(
    folder: Path,
    report: dict[str, Any],
    data: TrainingData,
    models: FittedModels,
    comparisons: Sequence[Comparison],
) -> None:
    """Write metrics, model card, plots, baseline and the lists of what was learned from."""
    folder.mkdir()
    models.tfidf.save(folder / TFIDF_FILE)
    models.kept.save(folder)
    save_seen(folder, data.hashes)
    text = json.dumps(report, indent=2, allow_nan=False, ensure_ascii=False)
    (folder / METRICS_FILE).write_text(text + "\n", encoding="utf-8")
    (folder / CARD_FILE).write_text(model_card(report), encoding="utf-8")
    for one in comparisons:
        save_plots(folder, one.rows.source, one.rows.labels, one.answers)
    if report["slices"]:
        save_slices(folder, report["slices"])


def _verdict(by_source: dict[str, Comparison]) -> list[str]:
    """First the sentences in which a baseline is better."""
    sentences = [sentence for one in by_source.values() for sentence in one.verdict]
    if "golden" not in by_source:
        sentences.append("No golden labels for this dataset version: judged by weak labels only.")
    return lost_first(sentences)


def _slices(data: TrainingData, by_source: dict[str, Comparison]) -> dict[str, Any] | None:
    golden = data.golden
    if golden is None:
        return None
    return slices(golden.texts, golden.langs, golden.labels, by_source["golden"].answers[MODEL])


def _training(data: TrainingData, models: FittedModels, seconds: float) -> dict[str, Any]:
    network, calibration = models.classifier.network, models.classifier.calibration
    golden = len(models.kept.hashes)
    return {
        "rows": len(data.train.texts),
        "positives": int(data.train.labels.sum()),
        "golden_rows": golden,
        "golden_weight": golden_weights.NETWORK if golden else None,
        "epochs": len(network.history),
        "history": network.history,
        "seconds": round(seconds, 2),
        "seed": network.seed,
        "attempt": network.attempt,
        "learning_rate": network.learning_rate,
        "stack": {
            "linear": calibration.weights[0],
            "network": calibration.weights[1],
            "shift": calibration.shift,
        },
    }
