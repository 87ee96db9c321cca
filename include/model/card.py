"""The model card: what a version is, what it was made of, and how far to trust it."""

from __future__ import annotations

from typing import Any

_NAMES = {"model": "this model", "keyword_rule": "keyword rule", "tfidf_lr": "TF-IDF + logistic regression"}


def model_card(report: dict[str, Any]) -> str:
    """The card as Markdown, from what ``metrics.json`` holds."""
    return (
        "\n\n".join(
            [
                f"# {report['model_name']}, version {report['model_version']}",
                "\n".join(f"- {sentence}" for sentence in report["verdict"]),
                "## What it is for\n\nSaying how probable it is that a short public post is about AI or data "
                "science, so that a person or a stream can choose what to repost. Not for judging people, "
                "and not for long texts: only the first 64 words are read.",
                _data(report),
                *(_judged(report, source) for source in ("golden", "weak") if report[source]),
                f"## Threshold\n\n{report['threshold']:.4f}, chosen on: {report['threshold_chosen_on']}. "
                "Probabilities are calibrated on the same rows.",
                _limits(report),
                _lineage(report),
            ]
        )
        + "\n"
    )


def _data(report: dict[str, Any]) -> str:
    training, counts = report["training"], report["counts"]
    return (
        f"## What it learned from\n\nDataset version {report['dataset_version']}: {training['rows']} posts "
        f"with soft weak labels, {training['positives']} of them likelier about AI than not, of "
        f"{counts['train_tables']} in the training tables; {counts['abstaining']} without a label and all "
        "with a golden label, or near to one that has, were left out."
    )


def _judged(report: dict[str, Any], source: str) -> str:
    lines = [
        f"## Judged by {source} labels",
        "",
        "| | n | positives | precision | recall | F1 (95 %) | AUC | AP | Brier | ECE |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(_NAMES[name], found) for name, found in report[source].items()]
    pictures = " ".join(f"![{kind}]({kind}_{source}.png)" for kind in ("pr", "confusion", "calibration"))
    return "\n".join([*lines, "", pictures])


def _row(name: str, found: dict[str, Any]) -> str:
    low, high = found["f1_interval"]
    numbers = [found[key] for key in ("precision", "recall")]
    others = [found[key] for key in ("auc", "average_precision", "brier", "ece")]
    cells = [
        name,
        str(found["n"]),
        str(found["positives"]),
        *map(_number, numbers),
        f"{_number(found['f1'])} ({_number(low)}-{_number(high)})",
        *map(_number, others),
    ]
    return "| " + " | ".join(cells) + " |"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _limits(report: dict[str, Any]) -> str:
    judged = (
        "Golden labels are few: read the intervals, not the points."
        if report["golden"]
        else "**No golden label judged this version.** The figures say how well it repeats the labelling "
        "functions, not how well it does what people mean."
    )
    return f"## Limits\n\n{judged} Posts unlike the dataset's, by time, subject or language, may fare worse."


def _lineage(report: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report["environment"].items())
    training = report["training"]
    return (
        f"## Lineage\n\nSeed {training['seed']}, try {training['attempt']}, {training['epochs']} epochs, "
        f"{training['seconds']:.0f} s; training rows' hash {report['data_hash'][:16]}; {versions}."
    )
