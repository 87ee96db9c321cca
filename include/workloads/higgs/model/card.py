"""The model card: what a version is, what it was made of, and how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CURVES_FILE = "learning_curves.png"


def model_card(report: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    training, counts = report["training"], report["counts"]
    rows = [_row(name, found) for name, found in report["test"].items()]
    versions = ", ".join(f"{name} {version}" for name, version in report["environment"].items())
    return f"""# {report["model_name"]}, version {report["model_version"]}

{" ".join(report["verdict"])}

## What it is for

Telling which collision events look like a Higgs boson's decay into two tau leptons
({report["labels"]["1"]}) and which like {report["labels"]["0"]}, from {len(report["features"])} features of
the ATLAS challenge. A network of
{training["parameters"]:,} parameters (30-500-1000-500-2, relu, softmax, dropout 0.4 twice).

## What it learned from

{" ".join(report["summary"])} {counts["validation"]} more chose the epoch, {counts["test"]} others judge it
below.
Features are brought to L2 norm 1 inside the SavedModel, the same in training and in service. -999 is a
value like any other. The features' order and the label map are in `assets.extra/contract.json`.

## Judged by the {counts["test"]} held-out events, {report["signal_share"]:.0%} of them signal

| | ROC AUC (95 %) | F1 (95 %) | precision | recall | Brier |
|---|---|---|---|---|---|
{chr(10).join(rows)}

The first class with a probability of {report["keep_probability"]:g} or more is kept, else the most probable:
signal from {report["threshold"]:g} on.

![Loss by epoch]({CURVES_FILE})

## Limits

Figures on made-up or mapped events say that training and service agree, and nothing about physics: no real
data of this size is part of the project.

## Lineage

Seed {training["seed"]}, {training["epochs"]} epochs, {training["seconds"]:.0f} s; the events' hash
{training["data_hash"][:16]}; {versions}.
"""


def _row(name: str, found: Mapping[str, Any]) -> str:
    auc, f1 = found["auc_interval"] or [float("nan")] * 2, found["f1_interval"]
    figures = [
        f"{found['auc']:.3f} ({auc[0]:.3f} to {auc[1]:.3f})",
        f"{found['f1']:.3f} ({f1[0]:.3f} to {f1[1]:.3f})",
        *(f"{found[metric]:.3f}" for metric in ("precision", "recall", "brier")),
    ]
    return f"| {' | '.join([name.replace('_', ' '), *figures])} |"
