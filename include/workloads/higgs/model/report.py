"""The report of a training: metrics with intervals, curves, the model card, the events that judged it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from include.model.registry.provenance import environment
from include.model.registry.store import CARD_FILE, METRICS_FILE
from include.statistics.classification import evaluate
from include.workloads.higgs.base.events import FEATURES, LABELS
from include.workloads.higgs.model.card import CURVES_FILE, model_card
from include.workloads.higgs.model.held_out import save_held_out
from include.workloads.higgs.model.split import Parts

NETWORK, BASELINE = "network", "logistic_regression"


def signal_threshold(keep: float) -> float:
    """The probability of signal from which on signal is the kept class, the first one being background.

    >>> signal_threshold(0.55), signal_threshold(0.25)
    (0.5, 0.75)
    """
    return max(0.5, 1.0 - keep)


def training_report(
    identity: Mapping[str, Any],
    parts: Parts,
    answers: Mapping[str, np.ndarray],
    training: Mapping[str, Any],
    keep: float,
) -> dict[str, Any]:
    """The content of ``metrics.json``.

    Args:
        identity: model_name, model_version and dataset_version.
        answers: probabilities of signal on the test events, by who gave them.
        training: parameters, epochs, history, seconds, seed, and the hash of the events learned from.
    """
    threshold = signal_threshold(keep)
    figures = {name: evaluate(parts.test.signal, found, threshold) for name, found in answers.items()}
    counts = {name: len(part) for name, part in parts._asdict().items()}
    return {
        **identity,
        "verdict": [_verdict(figures)],
        "summary": [f"Learned from {counts['train']} events: {parts.train.about}."],
        "test": figures,
        "counts": counts,
        "signal_share": float(parts.test.signal.mean()),
        "threshold": threshold,
        "keep_probability": keep,
        "features": list(FEATURES),
        "labels": {str(number): label for number, label in enumerate(LABELS)},
        "training": dict(training),
        "environment": environment(),
    }


def write_report(folder: Path, report: Mapping[str, Any], parts: Parts) -> None:
    """Write all files of a model's report into a new folder."""
    folder.mkdir()
    text = json.dumps(report, indent=2, allow_nan=False, ensure_ascii=False)
    (folder / METRICS_FILE).write_text(text + "\n", encoding="utf-8")
    (folder / CARD_FILE).write_text(model_card(report), encoding="utf-8")
    save_held_out(folder, parts.test)
    _save(learning_curves(report["training"]["history"]), folder / CURVES_FILE)


def learning_curves(history: Mapping[str, list[float]]) -> Figure:
    """Loss on both parts by epoch."""
    figure = Figure(figsize=(6, 4))
    axes = figure.subplots()
    for name, label in (("loss", "training events (with dropout)"), ("val_loss", "validation events")):
        axes.plot(np.arange(1, len(history[name]) + 1), history[name], "o-", markersize=3, label=label)
    axes.set(xlabel="epoch", ylabel="cross-entropy (nats per event)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
    axes.legend()
    return figure


def _verdict(figures: Mapping[str, Mapping[str, Any]]) -> str:
    ours, theirs = figures[NETWORK]["auc"], figures[BASELINE]["auc"]
    low, high = figures[NETWORK]["auc_interval"]
    word = "better than" if low > theirs else "worse than" if high < theirs else "not shown to differ from"
    return (
        f"ROC AUC {ours:.3f} ({low:.3f} to {high:.3f}): {word} logistic regression on the same features "
        f"({theirs:.3f})."
    )


def _save(figure: Figure, path: Path) -> None:
    figure.tight_layout()
    FigureCanvasAgg(figure).print_png(str(path), metadata={"Software": None})
