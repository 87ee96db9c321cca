"""The report's pictures: precision against recall, confusion, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from include.model.answers import Answers
from include.model.metrics import confusion

mpl.rcParams["svg.hashsalt"] = "tweetsieve"


def save_plots(folder: Path, source: str, labels: np.ndarray, answers: Mapping[str, Answers]) -> None:
    """Write ``pr_<source>.png``, ``confusion_<source>.png`` and ``calibration_<source>.png``.

    Args:
        answers: by name; those of ``model`` are the ones of confusion and calibration.
    """
    scores, predicted = (
        {name: given.probabilities for name, given in answers.items()},
        answers["model"].predicted,
    )
    _save(_precision_recall(labels, scores, source), folder / f"pr_{source}.png")
    _save(_confusion(labels, predicted, source), folder / f"confusion_{source}.png")
    _save(_calibration(labels, scores["model"], source), folder / f"calibration_{source}.png")


def _precision_recall(labels: np.ndarray, scores: Mapping[str, np.ndarray], source: str) -> Figure:
    from sklearn.metrics import precision_recall_curve

    figure = Figure(figsize=(5, 4))
    axes = figure.subplots()
    for name, values in scores.items():
        precision, recall, _ = precision_recall_curve(labels, values)
        if len(np.unique(values)) <= 2:  # a rule is one point, not a curve
            axes.plot(recall[1:-1], precision[1:-1], "o", label=name)
        else:
            axes.plot(recall, precision, label=name, drawstyle="steps-post")
    axes.set(
        xlabel="recall",
        ylabel="precision",
        xlim=(0, 1),
        ylim=(0, 1.02),
        title=f"{source} labels, n={len(labels)}",
    )
    axes.legend(loc="lower left")
    return figure


def _confusion(labels: np.ndarray, predicted: np.ndarray, source: str) -> Figure:
    tp, fp, fn, tn = confusion(labels, predicted)
    table = np.array([[tn, fp], [fn, tp]])
    figure = Figure(figsize=(4, 3.6))
    axes = figure.subplots()
    axes.imshow(table, cmap="Blues")
    for (row, column), count in np.ndenumerate(table):
        dark = count > table.max() / 2
        axes.text(column, row, str(count), ha="center", va="center", color="white" if dark else "black")
    names = ["not AI", "AI"]
    axes.set_xticks([0, 1], names)
    axes.set_yticks([0, 1], names)
    axes.set(xlabel="predicted", ylabel=f"{source} label", title=f"n={len(labels)}")
    return figure


def _calibration(labels: np.ndarray, probabilities: np.ndarray, source: str, bins: int = 10) -> Figure:
    members = np.minimum((probabilities * bins).astype(int), bins - 1)
    counts = np.bincount(members, minlength=bins)
    full = counts > 0
    said = np.bincount(members, probabilities, bins)[full] / counts[full]
    seen = np.bincount(members, labels.astype(float), bins)[full] / counts[full]
    figure = Figure(figsize=(4.5, 4))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], ":", color="grey")
    axes.plot(said, seen, marker="o")
    for x, y, count in zip(said, seen, counts[full], strict=True):
        axes.annotate(str(count), (x, y), textcoords="offset points", xytext=(4, -10), fontsize=7)
    axes.set(xlabel="probability said", ylabel=f"share that is AI ({source})", xlim=(0, 1), ylim=(0, 1.02))
    return figure


def _save(figure: Figure, path: Path) -> None:
    figure.tight_layout()
    FigureCanvasAgg(figure).print_png(str(path), metadata={"Software": None})
