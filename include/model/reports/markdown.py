"""Tables of figures in Markdown, for the model card and the cross-fit's report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMES = {
    "model": "this model",
    "keyword_rule": "keyword rule",
    "tfidf_lr": "TF-IDF + logistic regression",
    "golden_only_tfidf_lr": "the same, learned from golden labels alone",
}


def figures_table(judged: Mapping[str, Mapping[str, Any]]) -> str:
    """One row per judge, on the same posts."""
    lines = [
        "| | n | positives | precision | recall | F1 (95 %) | AUC (95 %) | AP | Brier | ECE |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, found in judged.items():
        rates = [number(found["precision"]), number(found["recall"])]
        rates += [with_interval(found), with_interval(found, "auc")]
        others = [number(found[key]) for key in ("average_precision", "brier", "ece")]
        lines.append(row(NAMES[name], found["n"], found["positives"], *rates, *others))
    return "\n".join(lines)


def slices_table(slices: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """One row per part of the posts."""
    lines = ["| | | n | positives | precision | recall | F1 (95 %) |", "|---|---|---|---|---|---|---|"]
    for kind, parts in slices.items():
        for part, found in parts.items():
            cells = [number(found["precision"]), number(found["recall"]), with_interval(found)]
            lines.append(row(kind, part, found["n"], found["positives"], *cells))
    return "\n".join(lines)


def with_interval(found: Mapping[str, Any], name: str = "f1") -> str:
    """A figure and its interval; the figure alone where it has none.

    >>> with_interval({"f1": 0.5, "f1_interval": [0.41, 0.6]})
    '0.500 (0.410-0.600)'
    """
    interval = found.get(f"{name}_interval")
    spread = f" ({number(interval[0])}-{number(interval[1])})" if interval else ""
    return number(found[name]) + spread


def number(value: float | None) -> str:
    """Three digits, or a dash where there is no value."""
    return "-" if value is None else f"{value:.3f}"


def row(*cells: object) -> str:
    """
    >>> row("a", 1)
    '| a | 1 |'
    """
    return "| " + " | ".join(map(str, cells)) + " |"
