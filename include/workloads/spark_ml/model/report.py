"""The report of a training: metrics of every fold and of the held-out rows, a plot, the model card."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from include.model.registry.store import CARD_FILE, METRICS_FILE
from include.statistics.classification import evaluate

PLOT_FILE = "cross_validation.png"


def training_report(
    identity: Mapping[str, Any],
    counts: Mapping[str, int],
    grid: Sequence[Mapping[str, Any]],
    folds: Sequence[Mapping[str, Any]],
    held_out: tuple[np.ndarray, np.ndarray],
    importances: Mapping[str, float],
    training: Mapping[str, Any],
    in_service: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The content of ``metrics.json``.

    Args:
        identity: model_name, model_version and dataset_version.
        held_out: true labels and probabilities of signal.
        in_service: the figures of the version in service on the same rows.
    """
    test = evaluate(*held_out)
    low, high = test["auc_interval"]
    spread = [fold["auc"] for fold in folds]
    return {
        **identity,
        "verdict": [
            f"ROC AUC {test['auc']:.3f} ({low:.3f} to {high:.3f}) on {counts['held_out']:,} held-out rows; "
            f"{min(spread):.3f} to {max(spread):.3f} over the folds."
        ],
        "test": test,
        "threshold": 0.5,
        "majority": float(max(held_out[0].mean(), 1 - held_out[0].mean())),
        "accuracy": (test["tp"] + test["tn"]) / test["n"],
        "counts": dict(counts),
        "folds": [dict(fold) for fold in folds],
        "grid": [dict(point) for point in grid],
        "importances": dict(importances),
        "training": dict(training),
        "in_service": dict(in_service) if in_service else None,
    }


def write_report(
    folder: Path, report: Mapping[str, Any], labels: np.ndarray, probabilities: np.ndarray
) -> None:
    """Write metrics, model card and plot into a new folder."""
    folder.mkdir()
    text = json.dumps(report, indent=2, allow_nan=False, ensure_ascii=False)
    (folder / METRICS_FILE).write_text(text + "\n", encoding="utf-8")
    (folder / CARD_FILE).write_text(model_card(report), encoding="utf-8")
    figure = plot(report, labels, probabilities)
    figure.tight_layout()
    FigureCanvasAgg(figure).print_png(str(folder / PLOT_FILE), metadata={"Software": None})


def model_card(report: Mapping[str, Any]) -> str:
    """Markdown."""
    training, best = report["training"], report["grid"][0]
    folds = "\n".join(
        f"| {fold['fold'] + 1} | {fold['n']:,} | {fold['auc']:.3f} | {fold['average_precision']:.3f} | "
        f"{fold['precision']:.3f} | {fold['recall']:.3f} |"
        for fold in report["folds"]
    )
    grid = "\n".join(
        f"| {point['selectionThreshold']:.0f} | {point['maxDepth']} | {point['mean']:.4f} | "
        f"{point['std']:.4f} |"
        for point in report["grid"]
    )
    used = ", ".join(f"{name} {share:.2f}" for name, share in list(report["importances"].items())[:8])
    return f"""# {report["model_name"]} {report["model_version"]}

{" ".join(report["verdict"])}
Accuracy {report["accuracy"]:.3f}; the larger class alone gives {report["majority"]:.3f}.

A decision tree of depth {best["maxDepth"]} on {best["selectionThreshold"]:.0f} of 28 features, learned from
{report["counts"]["learned"]:,} rows of `{training["path"]}` (hash {training["rows_hash"]}), chosen by
{training["metric"]} over {training["folds"]} folds with seed {training["seed"]}, by Spark {training["spark"]}
in {training["seconds"]} s.

![Folds and held-out rows]({PLOT_FILE})

| fold | rows | ROC AUC | average precision | precision | recall |
|---:|---:|---:|---:|---:|---:|
{folds}

| features kept | depth | mean ROC AUC | standard deviation |
|---:|---:|---:|---:|
{grid}

Decides by: {used}.
"""


def plot(report: Mapping[str, Any], labels: np.ndarray, probabilities: np.ndarray) -> Figure:
    """The area under the ROC curve of every fold and of the held-out rows, and the latter's ROC curve."""
    from sklearn.metrics import roc_curve

    figure = Figure(figsize=(9, 4))
    bars, curve = figure.subplots(1, 2)
    names = [f"fold {fold['fold'] + 1}" for fold in report["folds"]] + ["held out"]
    parts = [*report["folds"], report["test"]]
    low, high = np.array([part["auc_interval"] for part in parts]).T
    values = np.array([part["auc"] for part in parts])
    bars.bar(
        names, values, color=["C0"] * (len(parts) - 1) + ["C1"], yerr=[values - low, high - values], capsize=4
    )
    bars.set(ylim=(0.5, 1.0), ylabel="area under the ROC curve, 95 % interval")
    false, true, _ = roc_curve(labels, probabilities)
    curve.plot(false, true, color="C1", label="held-out rows")
    curve.plot([0, 1], [0, 1], "--", color="grey", label="chance")
    curve.set(xlabel="share of background taken for signal", ylabel="share of signal found")
    curve.legend()
    return figure
