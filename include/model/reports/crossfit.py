"""The cross-fit's report, as JSON and as Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from include.model.reports.markdown import NAMES, figures_table, number, row, slices_table


def save_report(report: dict[str, Any], folder: Path) -> Path:
    """Write ``dataset-<version>.json`` and ``.md`` into a folder, each in one step; the latter's path."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"dataset-{report['dataset_version']}"
    for name, text in (
        (f"{stem}.json", json.dumps(report, indent=2, allow_nan=False) + "\n"),
        (f"{stem}.md", as_markdown(report)),
    ):
        partial = folder / f".{name}.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(folder / name)
    return folder / f"{stem}.md"


def as_markdown(report: dict[str, Any]) -> str:
    """The report of ``include.model.crossfit`` as Markdown."""
    parts = [
        f"# Cross-fit over the golden labels of dataset version {report['dataset_version']}",
        "\n".join(f"- {sentence}" for sentence in report["verdict"]),
        figures_table({"model": report, **report["baselines"]}),
        f"## F1 against each baseline, on the same posts\n\n{_differences(report)}",
        _held_out(report),
        _how(report),
        _reservations(report),
        _folds(report),
        f"## Parts of the posts\n\n{slices_table(report['slices'])}",
        _lineage(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _differences(report: dict[str, Any]) -> str:
    lines = []
    for name, difference in report["f1_differences"].items():
        low, high = difference["interval"]
        lines.append(f"- {NAMES[name]}: {difference['point']:+.3f} (95 %: {low:+.3f} to {high:+.3f}, paired)")
    return "\n".join(lines)


def _held_out(report: dict[str, Any]) -> str:
    found = report["held_out"]
    if not found:
        return ""
    return (
        f"## On held-out labels\n\n{figures_table({'model': found, **found['baselines']})}\n\n"
        f"{_differences(found)}\n\nNothing learned from these {found['n']} posts, or from what is near to "
        f"them ({found['weak_rows_taken_out']} weak rows were taken out; {found['near_golden']} posts of the "
        "file are left out, being near to a golden one). The model has learned from all golden labels "
        "outside test."
    )


def _how(report: dict[str, Any]) -> str:
    return (
        f"## How\n\n{report['golden_rows']} golden posts in {report['groups']} groups of near-duplicates, "
        f"divided into {report['folds']} folds, groups whole. Each fold is measured by models that learned "
        f"from {report['weak_rows']} weak labels, none of a golden post or of a near-duplicate of one, and "
        "from the golden labels of the other folds. Calibration and threshold come from the other folds "
        f"alone, by cross-fitting within them. The {report['golden_in_test']} golden posts in the version's "
        "test split are measured and never learned from. Baselines that learn went through the same folds."
    )


def _reservations(report: dict[str, Any]) -> str:
    chosen = report["weak_labels_by"]
    method = f" The weak labels are by {chosen['method']} ({chosen['reason']})." if chosen else ""
    return (
        "## What it does not prove\n\nThe models have not met the golden posts, but the labelling functions, "
        "whose word lists the model is given, and the choice between label model and majority vote may have "
        "been made with the same golden labels in view: then the figures are optimistic by what that "
        f"brought, and held-out labels say more.{method} A sample chosen to hold more "
        "posts about AI than the stream does gives other precision than the stream."
    )


def _folds(report: dict[str, Any]) -> str:
    lines = ["## By fold", "", "| fold | n | positives | threshold | precision | recall | F1 | AUC |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for place, fold in enumerate(report["by_fold"], start=1):
        figures = [number(fold[name]) for name in ("threshold", "precision", "recall", "f1", "auc")]
        lines.append(row(place, fold["n"], fold["positives"], *figures))
    return "\n".join(lines)


def _lineage(report: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report["environment"].items())
    return (
        f"## Lineage\n\n`python -m include.model.crossfit --version {report['dataset_version']} --folds "
        f"{report['folds']} --seed {report['seed']}`; {report['seconds']:.0f} s; weak rows' hash "
        f"{report['data_hash'][:16]}; {versions}."
    )
