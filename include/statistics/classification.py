"""Metrics of probabilities against labels, with their confidence intervals."""

from __future__ import annotations

from typing import Any

import numpy as np

RESAMPLES = 10_000
SEED = 20200405


def evaluate(
    labels: np.ndarray, probabilities: np.ndarray, threshold: float | np.ndarray = 0.5
) -> dict[str, Any]:
    """All metrics of one set of predictions.

    Args:
        labels: bool or 0/1, [n].
        probabilities: float[n].
        threshold: from here on (>=) a row is predicted positive; float[n] where each row has its own, as in
            a cross-fit (their mean is reported then).

    Returns:
        n, positives, confusion counts, precision, recall, f1 (each with a 95 % interval), auc (with one),
        average_precision, brier, ece; None where a metric is not defined on these labels.

    >>> found = evaluate(np.array([1, 1, 0, 0]), np.array([0.9, 0.4, 0.6, 0.1]))
    >>> found["precision"], found["recall"], found["f1"], found["auc"]
    (0.5, 0.5, 0.5, 0.75)
    """
    labels, probabilities = np.asarray(labels).astype(bool), np.asarray(probabilities, dtype=np.float64)
    if len(labels) == 0 or labels.shape != probabilities.shape:
        raise ValueError(f"{probabilities.shape} probabilities for {labels.shape} labels")
    cells = confusion(labels, probabilities >= threshold)
    return {
        "n": len(labels),
        "positives": int(labels.sum()),
        "threshold": float(np.mean(threshold)),
        **dict(zip(("tp", "fp", "fn", "tn"), cells.tolist(), strict=True)),
        **rates(cells),
        "auc": roc_auc(labels, probabilities),
        "auc_interval": auc_interval(labels, probabilities),
        "average_precision": average_precision(labels, probabilities),
        "brier": float(np.mean((probabilities - labels) ** 2)),
        "ece": calibration_error(labels, probabilities),
    }


def confusion(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """True positives, false positives, false negatives, true negatives: int[4]."""
    return np.bincount(2 * (1 - labels.astype(int)) + (1 - predicted.astype(int)), minlength=4)[[0, 2, 1, 3]]


def rates(cells: np.ndarray, seed: int = SEED) -> dict[str, Any]:
    """Precision, recall and F1 with their 95 % bootstrap intervals.

    Resampling rows with replacement draws the four counts from a multinomial distribution, so they
    are drawn directly (Efron's percentile bootstrap, 10,000 resamples, seeded).
    """
    n = int(cells.sum())
    drawn = np.random.default_rng(seed).multinomial(n, cells / n, size=RESAMPLES)
    point, spread = _rates(cells[None, :].astype(float)), _rates(drawn.astype(float))
    found: dict[str, Any] = {}
    for name in ("precision", "recall", "f1"):
        found[name] = float(point[name][0])
        found[f"{name}_interval"] = np.percentile(spread[name], [2.5, 97.5]).tolist()
    return found


def _rates(cells: np.ndarray) -> dict[str, np.ndarray]:
    """Rates of rows of counts [m, 4]; 0 where there are no positive predictions or no positives."""
    tp, fp, fn, _ = cells.T
    return {
        "precision": tp / np.maximum(tp + fp, 1),
        "recall": tp / np.maximum(tp + fn, 1),
        "f1": 2 * tp / np.maximum(2 * tp + fp + fn, 1),
    }


def f1_difference(
    labels: np.ndarray, new: np.ndarray, old: np.ndarray, seed: int = SEED
) -> tuple[float, tuple[float, float]]:
    """F1 of ``new`` minus F1 of ``old`` on the same rows, with its paired 95 % bootstrap interval.

    Args:
        labels, new, old: bool[n], the truth and two models' predictions.
    """
    kinds = np.bincount(4 * labels.astype(int) + 2 * new.astype(int) + old.astype(int), minlength=8)
    drawn = np.random.default_rng(seed).multinomial(len(labels), kinds / len(labels), size=RESAMPLES)

    def difference(counts: np.ndarray) -> np.ndarray:
        by = counts.reshape(-1, 2, 2, 2)  # label, new, old
        pairs = (by.sum(axis=3), by.sum(axis=2))
        cells = [np.stack([m[:, 1, 1], m[:, 0, 1], m[:, 1, 0], m[:, 0, 0]], axis=1) for m in pairs]
        return _rates(cells[0].astype(float))["f1"] - _rates(cells[1].astype(float))["f1"]

    low, high = np.percentile(difference(drawn), [2.5, 97.5])
    return float(difference(kinds[None, :])[0]), (float(low), float(high))


def best_threshold(labels: np.ndarray, probabilities: np.ndarray, tolerance: float = 0.01) -> float:
    """Of the thresholds whose F1 is within ``tolerance`` of the highest, the one nearest to 0.5.

    The highest F1 on a few hundred rows is partly chance, so 0.5, the natural threshold of a calibrated
    model, is preferred. 0.5 if there is one class only.

    >>> best_threshold(np.array([0, 1, 1]), np.array([0.1, 0.3, 0.9]))
    0.2
    """
    if labels.all() or not labels.any():
        return 0.5
    distinct = np.unique(probabilities)
    candidates = np.append((distinct[1:] + distinct[:-1]) / 2, 0.5)
    hits = np.array([np.count_nonzero(labels[probabilities >= t]) for t in candidates])
    predicted = np.array([np.count_nonzero(probabilities >= t) for t in candidates])
    f1 = 2 * hits / (predicted + np.count_nonzero(labels))
    good = candidates[f1 >= f1.max() - tolerance]
    return float(round(good[np.argmin(np.abs(good - 0.5))], 6))


def roc_auc(labels: np.ndarray, scores: np.ndarray) -> float | None:
    """Area under the ROC curve, ties counted half; None with one class only."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores)) if 0 < labels.sum() < len(labels) else None


def auc_interval(labels: np.ndarray, scores: np.ndarray) -> list[float] | None:
    """The 95 % interval of the area under the ROC curve, after DeLong, DeLong and Clarke-Pearson 1988.

    None with fewer than two of a class.

    >>> auc_interval(np.array([1, 1, 0, 0]), np.array([0.9, 0.8, 0.2, 0.1]))
    [1.0, 1.0]
    """
    from scipy.stats import rankdata

    positive, negative = scores[labels == 1], scores[labels == 0]
    if min(len(positive), len(negative)) < 2:
        return None
    ranks = rankdata(np.concatenate([positive, negative]))
    above = (ranks[: len(positive)] - rankdata(positive)) / len(negative)
    below = 1 - (ranks[len(positive) :] - rankdata(negative)) / len(positive)
    spread = 1.96 * np.sqrt(above.var(ddof=1) / len(positive) + below.var(ddof=1) / len(negative))
    return np.clip([above.mean() - spread, above.mean() + spread], 0, 1).tolist()


def average_precision(labels: np.ndarray, scores: np.ndarray) -> float | None:
    """Area under the precision-recall steps; None without positives."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(labels, scores)) if labels.any() else None


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width (Naeini et al. 2015)."""
    members = np.minimum((probabilities * bins).astype(int), bins - 1)
    counts = np.bincount(members, minlength=bins)
    gaps = np.bincount(members, probabilities, bins) - np.bincount(members, labels.astype(float), bins)
    return float(np.abs(gaps).sum() / counts.sum())


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)) without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits))
