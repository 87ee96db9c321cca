"""The report's pictures: precision against recall, confusion, calibration, F1 of parts of the posts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from include.model.evaluation.predictions import Answers
from include.model.reports.markdown import NAMES
from include.statistics.classification import confusion
from include.statistics.intervals import wilson

mpl.rcParams["svg.hashsalt"] = "tweetsieve"


def save_plots(folder: Path, source: str, labels: np.ndarray, answers: Mapping[str, Answers]) -> None:
    """Write ``pr_<source>.png``, ``confusion_<source>.png`` and ``calibration_<source>.png``.

    Args:
        answers: by name; those of ``model`` are the ones of confusion and calibration.
    """
    model = answers["model"]
    _save(_precision_recall(labels, answers, source), folder / f"pr_{source}.png")
    _save(_confusion(labels, model.predicted, source), folder / f"confusion_{source}.png")
    _save(_calibration(labels, model.probabilities, source), folder / f"calibration_{source}.png")


def save_slices(folder: Path, parts: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Write ``slices_golden.png``: F1 and its 95 % interval of each part.

    For the parts see ``include.model.evaluation.slices``.
    """
    _save(_slices(parts), folder / "slices_golden.png")


def _precision_recall(labels: np.ndarray, answers: Mapping[str, Answers], source: str) -> Figure:
    from sklearn.metrics import precision_recall_curve

    figure = Figure(figsize=(5.6, 4.4))
    axes = figure.subplots()
    for place, (name, given) in enumerate(reversed([*answers.items()])):  # the model last, above the others
        values = given.probabilities
        style: dict[str, Any] = {"color": f"C{len(answers) - 1 - place}", "label": NAMES[name]}
        precision, recall, _ = precision_recall_curve(labels, values)
        if len(np.unique(values)) <= 2:  # a rule is one point, not a curve
            axes.plot(recall[1:-1], precision[1:-1], "D", **style)
            continue
        axes.plot(
            recall, precision, drawstyle="steps-post", linewidth=2.2 if name == "model" else 1.2, **style
        )
        axes.plot(*_chosen(labels, given), "o", color=style["color"], markeredgecolor="white", markersize=8)
    share = float(labels.mean())
    axes.axhline(share, color="grey", linestyle=":", linewidth=1)
    axes.annotate("by chance", (0.01, share + 0.01), fontsize=8, color="grey")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title(f"{source} labels, n={len(labels)}; dots: the chosen thresholds", fontsize=10)
    axes.grid(alpha=0.25)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.02 if share > 0.3 else share + 0.05), fontsize=8)
    return figure


def _chosen(labels: np.ndarray, given: Answers) -> tuple[float, float]:
    """Recall and precision at the threshold."""
    tp, fp, fn, _ = confusion(labels, given.predicted)
    return tp / max(tp + fn, 1), tp / max(tp + fp, 1)


def _confusion(labels: np.ndarray, predicted: np.ndarray, source: str) -> Figure:
    tp, fp, fn, tn = confusion(labels, predicted)
    table = np.array([[tn, fp], [fn, tp]])
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(4, 3.6))
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(table):
        text, dark = f"{count}\n{shares[row, column]:.0%}", shares[row, column] > 0.5
        axes.text(column, row, text, ha="center", va="center", color="white" if dark else "black")
    names = ["not AI", "AI"]
    axes.set_xticks([0, 1], names)
    axes.set_yticks([0, 1], names)
    axes.set(xlabel="predicted", ylabel=f"{source} label")
    axes.set_title(f"n={len(labels)}; shares of each row", fontsize=10)
    return figure


def _calibration(labels: np.ndarray, probabilities: np.ndarray, source: str, bins: int = 10) -> Figure:
    members = np.minimum((probabilities * bins).astype(int), bins - 1)
    counts = np.bincount(members, minlength=bins)
    full = counts > 0
    said = np.bincount(members, probabilities, bins)[full] / counts[full]
    hits = np.bincount(members, labels.astype(float), bins)[full]
    seen = hits / counts[full]
    spans = [wilson(int(hit), int(count)) for hit, count in zip(hits, counts[full], strict=True)]
    low, high = np.array(spans).T
    figure = Figure(figsize=(5, 5))
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    axes.plot([0, 1], [0, 1], ":", color="grey")
    axes.errorbar(said, seen, np.abs([seen - low, high - seen]), marker="o", capsize=3, linewidth=1.2)
    axes.set(ylabel=f"share that is AI ({source})", xlim=(0, 1), ylim=(0, 1.02))
    axes.set_title("calibration, with 95 % intervals", fontsize=10)
    axes.grid(alpha=0.25)
    bars = below.bar((np.arange(bins) + 0.5) / bins, counts, width=0.9 / bins, color="lightgrey")
    below.bar_label(bars, fontsize=7)
    below.set(xlabel="probability said", ylabel="posts", ylim=(0, 1.35 * counts.max()))
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
