"""Checks of the candidate's answers by themselves: labels to judge by, and floors to reach."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from include.promotion.gate.checks import Check, Verdict, at_least
from include.promotion.limits import GateLimits
from include.promotion.scoring.record import Answered, Scoring
from include.statistics.classification import evaluate


def figures(scoring: Scoring, model: Answered) -> dict[str, Any]:
    """Metrics of a model on the judging rows; where it gave no proper answer, of 0."""
    return evaluate(scoring.truth, np.nan_to_num(model.answers), np.array(model.thresholds))


def enough_golden(scoring: Scoring, limits: GateLimits) -> Check:
    """PASS where people's golden labels judge, else INCONCLUSIVE with about how many rows would be enough."""
    counted, met = scoring.counts["counted"], scoring.counts["met_by_candidate"]
    text = f"{counted} golden rows count"
    if met:
        text += f" ({met} more do not: it met them, or near-duplicates of them, in training)"
    if scoring.judged_by == "golden":
        return Check("golden_rows", Verdict.PASS, counted, limits.min_golden, text)
    needed = golden_needed(counted, scoring.counts["counted_positives"], limits)
    instead = (
        "weak labels judge instead" if scoring.judged_by == "weak" else "there are no weak labels either"
    )
    text += f"; about {needed} are needed, {limits.min_golden_per_class} of each class: {instead}"
    return Check("golden_rows", Verdict.INCONCLUSIVE, counted, limits.min_golden, text, needed)


def golden_needed(counted: int, positives: int, limits: GateLimits) -> int:
    """Golden rows to have enough of both classes, if further ones fall as those so far did.

    >>> golden_needed(40, 4, GateLimits()), golden_needed(0, 0, GateLimits())
    (100, 50)
    """
    rarer = min(positives, counted - positives)
    by_class = math.ceil(limits.min_golden_per_class * counted / rarer) if rarer else 0
    return max(limits.min_golden, by_class)


def reaches_floors(scoring: Scoring, found: dict[str, Any], limits: GateLimits) -> Iterator[Check]:
    """Precision, recall, the rarer class's recall, F1, and that it does not say the same of every post."""
    by = f"on {found['n']} rows with {scoring.judged_by} labels"
    for name, value, limit in (
        ("precision", found["precision"], limits.min_precision),
        ("recall", found["recall"], limits.min_recall),
        ("minority_recall", minority_recall(found), limits.min_minority_recall),
        ("f1", found["f1"], limits.min_f1),
    ):
        text = f"its {name.replace('_', ' ')} is {value:.3f} {by} (floor: {limit:g})"
        yield at_least(name, value, limit, text)
    share = float(scoring.candidate.predicted.mean())
    text = f"it says of {share:.1%} of {found['n']} posts that they are about AI"
    if min(share, 1 - share) < limits.min_predicted_share:
        text = f"it says the same of nearly every post: {text}"
    yield at_least("predicted_share", min(share, 1 - share), limits.min_predicted_share, text)


def minority_recall(found: dict[str, Any]) -> float:
    """The recall of the rarer class, by the counts of a confusion matrix.

    >>> minority_recall({"tp": 30, "fn": 10, "tn": 4, "fp": 6})
    0.4
    """
    positives, negatives = found["tp"] + found["fn"], found["tn"] + found["fp"]
    right, there = (found["tp"], positives) if positives <= negatives else (found["tn"], negatives)
    return right / there if there else 0.0
