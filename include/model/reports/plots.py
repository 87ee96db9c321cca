"""The report's plots: precision and recall, confusion, calibration, F1 of slices."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from include.model.evaluation.baseline_comparison import MODEL
from include.model.evaluation.predictions import Answers
from include.model.reports.markdown import NAMES
from include.statistics.classification import confusion
from include.statistics.intervals import wilson

mpl.rcParams["svg.hashsalt"] = "tweetsieve"


def save_plots(folder: Path, source: str, labels: np.ndarray, answers: Mapping[str, Answers]) -> None:
    """Write ``pr_<source>.png``, ``confusion_<source>.png`` and ``calibration_<source>.png``.

    Args:
        answers: by name; confusion and calibration are the model's.
    """
    model = answers[MODEL]
    _save(_precision_recall(labels, answers, source), folder / f"pr_{source}.png")
    _save(_confusion(labels, model.predicted, source), folder / f"confusion_{source}.png")
    _save(_calibration(labels, model.probabilities, source), folder / f"calibration_{source}.png")


def save_slices(folder: Path, parts: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Write ``slices_golden.png``: F1 and its 95 % interval of each slice.

    For the slices see ``include.model.evaluation.slices``.
    """
    _save(_slices(parts), folder / "slices_golden.png")


def _precision_recall(labels: np.ndarray, answers: Mapping[str, Answers], source: str) -> Figure:
    from sklearn.metrics import PrecisionRecallDisplay

    figure = Figure(figsize=(5.6, 4.4))
    axes = figure.subplots()
    for place, (name, given) in enumerate(reversed([*answers.items()])):  # the model last, above the others
        color = f"C{len(answers) - 1 - place}"
        if len(np.unique(given.probabilities)) <= 2:  # a rule is one point, not a curve
            axes.plot(*_chosen(labels, given), "D", color=color, label=NAMES[name])
            continue
        PrecisionRecallDisplay.from_predictions(
            labels,
            given.probabilities,
            ax=axes,
            name=NAMES[name],
            curve_kwargs={"color": color, "linewidth": 2.2 if name == MODEL else 1.2},
            plot_chance_level=name == MODEL,
            chance_level_kw={"color": "grey", "linestyle": ":", "linewidth": 1, "label": "by chance"},
        )
        axes.plot(*_chosen(labels, given), "o", color=color, markeredgecolor="white", markersize=8)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02), aspect="auto")
    axes.set_title(f"{source} labels, n={len(labels)}; dots: the chosen thresholds", fontsize=10)
    axes.grid(alpha=0.25)
    axes.legend(loc="lower left", fontsize=8)
    return figure


def _chosen(labels: np.ndarray, given: Answers) -> tuple[float, float]:
    """Recall and precision at the threshold."""
    tp, fp, fn, _ = confusion(labels, given.predicted)
    return tp / max(tp + fn, 1), tp / max(tp + fp, 1)


def _confusion(labels: np.ndarray, predicted: np.ndarray, source: str) -> Figure:
    from sklearn.metrics import ConfusionMatrixDisplay

    tp, fp, fn, tn = confusion(labels, predicted)
    counts = np.array([[tn, fp], [fn, tp]])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(4, 3.6))
    axes = figure.subplots()
    display = ConfusionMatrixDisplay(shares, display_labels=["not AI", "AI"])
    display.plot(ax=axes, cmap="Blues", values_format=".0%", colorbar=False, im_kw={"vmin": 0, "vmax": 1})
    for text, count in zip(display.text_.flat, counts.flat, strict=True):
        text.set_text(f"{count}\n{text.get_text()}")
    axes.set(xlabel="predicted", ylabel=f"{source} label")
    axes.set_title(f"n={len(labels)}; shares of each row", fontsize=10)
    return figure


def _calibration(labels: np.ndarray, probabilities: np.ndarray, source: str, bins: int = 10) -> Figure:
    from sklearn.calibration import CalibrationDisplay

    figure = Figure(figsize=(5, 5))
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    display = CalibrationDisplay.from_predictions(
        labels, probabilities, n_bins=bins, ax=axes, color="C0", linewidth=1.2
    )
    # The display's own bins, of which those without posts are no points.
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], probabilities), minlength=bins)
    filled = counts[counts > 0]
    hits = np.round(display.prob_true * filled).astype(int)
    low, high = np.array([wilson(int(hit), int(n)) for hit, n in zip(hits, filled, strict=True)]).T
    errors = np.abs([display.prob_true - low, high - display.prob_true])
    axes.errorbar(display.prob_pred, display.prob_true, errors, fmt="none", color="C0", capsize=3)
    axes.set(xlabel=None, ylabel=f"share that is AI ({source})", xlim=(0, 1), ylim=(0, 1.02), aspect="auto")
    axes.set_title("calibration, with 95 % intervals", fontsize=10)
    axes.grid(alpha=0.25)
    axes.get_legend().remove()
    bars = below.bar((np.arange(bins) + 0.5) / bins, counts, width=0.9 / bins, color="lightgrey")
    below.bar_label(bars, fontsize=7)
    below.set(xlabel="predicted probability", ylabel="posts", ylim=(0, 1.35 * counts.max()))
    return figure


def _slices(parts: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Figure:
    rows = [(kind, part, found) for kind, members in parts.items() for part, found in members.items()]
    figure = Figure(figsize=(6.4, 1.1 + 0.32 * len(rows)))
    axes = figure.subplots()
    kinds = list(parts)
    for place, (kind, _, found) in enumerate(rows):
        (low, high), f1 = found["f1_interval"], found["f1"]
        color = f"C{kinds.index(kind)}"
        axes.plot([low, high], [place, place], color=color, linewidth=2, alpha=0.5, solid_capstyle="butt")
        axes.plot(f1, place, "o", color=color)
    names = [f"{kind}: {part} ({found['positives']} of {found['n']})" for kind, part, found in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set(xlabel="F1, 95 % interval; in brackets: about AI, of all", xlim=(0, 1.02))
    axes.grid(axis="x", alpha=0.25)
    return figure


def _save(figure: Figure, path: Path) -> None:
    figure.tight_layout()
    FigureCanvasAgg(figure).print_png(str(path), metadata={"Software": None})
