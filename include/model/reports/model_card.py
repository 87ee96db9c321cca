"""The model card: what a version is, what it was made of, and how far to trust it."""

from __future__ import annotations

from typing import Any

from include.model.reports.markdown import figures_table, slices_table


def model_card(report: dict[str, Any]) -> str:
    """The card as Markdown, from what ``metrics.json`` holds."""
    parts = [
        f"# {report['model_name']}, version {report['model_version']}",
        "\n".join(f"- {sentence}" for sentence in report["verdict"]),
        "## What it is for\n\nSaying how probable it is that a short public post is about AI or data "
        "science, so that a person or a stream can choose what to repost. Not for judging people, "
        "and not for long texts: only the first 4,000 bytes are read.",
        _data(report),
        *(_judged(report, source) for source in ("golden", "weak") if report[source]),
        _slices(report),
        _behaviour(report),
        _threshold(report),
        _limits(report),
        _lineage(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _data(report: dict[str, Any]) -> str:
    training, counts = report["training"], report["counts"]
    golden = (
        f", and {training['golden_rows']} posts with a golden label (of posts outside the test split)"
        if training["golden_rows"]
        else ""
    )
    return (
        f"## What it learned from\n\nDataset version {report['dataset_version']}: {training['rows']} posts "
        f"with soft weak labels, {training['positives']} of them likelier about AI than not, of "
        f"{counts['train_tables']} in the training tables{golden}. {counts['abstaining']} without a label "
        "were left out; weak labels of posts with a golden one, or near to one that has, are not used."
    )


def _judged(report: dict[str, Any], source: str) -> str:
    crossed = report["golden_cross_fitted"] if source == "golden" else 0
    note = (
        f"\n\nFor the {crossed} golden posts that it learned from, the answers measured are those of models "
        "trained in the same way on the other folds (near-duplicates kept together)."
        if crossed
        else ""
    )
    pictures = " ".join(f"![{kind}]({kind}_{source}.png)" for kind in ("pr", "confusion", "calibration"))
    return f"## Judged by {source} labels{note}\n\n{figures_table(report[source])}\n\n{pictures}"


def _slices(report: dict[str, Any]) -> str:
    return (
        f"## Parts of the posts, by golden labels\n\n{slices_table(report['slices'])}\n\n"
        "![F1 of parts](slices_golden.png)"
        if report["slices"]
        else ""
    )


def _behaviour(report: dict[str, Any]) -> str:
    found = report["behaviour"]
    lines = [f"{found['passed']} of {found['cases']} behavioural tests passed."]
    lines += [f"- {kind}: {passed} of {cases}" for kind, (passed, cases) in found["by_kind"].items()]
    for failure in found["failures"]:
        said = ", ".join(
            f'"{text}" ({probability:.2f})'
            for text, probability in zip(failure["texts"], failure["probabilities"], strict=True)
        )
        lines.append(f"- failed, {failure['kind']}, {failure['name']}: {said}")
    return "## Behaviour\n\n" + lines[0] + "\n\n" + "\n".join(lines[1:])


def _threshold(report: dict[str, Any]) -> str:
    return (
        f"## Threshold\n\n{report['threshold']:.4f}, chosen on: {report['threshold_chosen_on']}. "
        "Probabilities are calibrated on the same rows; where these hold more posts about AI than the "
        "stream does, the probabilities are those of such a mixture."
    )


def _limits(report: dict[str, Any]) -> str:
    judged = (
        "Golden labels are few: read the intervals, not the points."
        if report["golden"]
        else "**No golden label judged this version.** The figures say how well it repeats the labelling "
        "functions, not how well it does what people mean."
    )
    return (
        f"## Limits\n\n{judged} Posts unlike the dataset's, by time, subject or language, may fare worse. "
        "Labelling functions written with golden labels in view make figures on those labels optimistic."
    )


def _lineage(report: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report["environment"].items())
    training = report["training"]
    return (
        f"## Lineage\n\nSeed {training['seed']}, try {training['attempt']}, {training['epochs']} epochs, "
        f"{training['seconds']:.0f} s; training rows' hash {report['data_hash'][:16]}; {versions}."
    )
