"""Checks of the candidate's answers without comparison: enough labels to judge by, and lowest metrics."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from include.promotion.gate.checks import Check, Verdict, at_least
from include.promotion.limits import PromotionLimits
from include.promotion.scoring.record import ModelAnswers, PromotionScoring
from include.statistics.classification import evaluate


def metrics_of(scoring: PromotionScoring, model: ModelAnswers) -> dict[str, Any]:
    """Metrics of a model on the evaluation rows; a missing answer counts as probability 0."""
    return evaluate(scoring.truth, np.nan_to_num(model.answers), np.array(model.thresholds))


def enough_golden(scoring: PromotionScoring, limits: PromotionLimits) -> Check:
    """PASS where golden labels judge, else INCONCLUSIVE with about how many rows would suffice."""
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


def golden_needed(counted: int, positives: int, limits: PromotionLimits) -> int:
    """Golden rows to have enough of both classes, if their shares stay as they are.

    >>> golden_needed(40, 4, PromotionLimits()), golden_needed(0, 0, PromotionLimits())
    (100, 50)
    """
    rarer = min(positives, counted - positives)
    by_class = math.ceil(limits.min_golden_per_class * counted / rarer) if rarer else 0
    return max(limits.min_golden, by_class)


def quality_checks(
    scoring: PromotionScoring, found: dict[str, Any], limits: PromotionLimits
) -> Iterator[Check]:
    """Precision, recall, the rarer class's recall, F1, and whether it predicts both classes."""
    by = f"on {found['n']} rows with {scoring.judged_by} labels"
    for name, value, limit in (
        ("precision", found["precision"], limits.min_precision),
        ("recall", found["recall"], limits.min_recall),
        ("minority_recall", minority_recall(found), limits.min_minority_recall),
        ("f1", found["f1"], limits.min_f1),
    ):
        text = f"its {name.replace('_', ' ')} is {value:.3f} {by} (at least: {limit:g})"
        yield at_least(name, value, limit, text)
    share = float(scoring.candidate.predicted.mean())
    text = f"it predicts AI for {share:.1%} of {found['n']} posts"
    if min(share, 1 - share) < limits.min_predicted_share:
        text = f"it predicts the same for nearly every post: {text}"
    yield at_least("predicted_share", min(share, 1 - share), limits.min_predicted_share, text)


def minority_recall(found: dict[str, Any]) -> float:
    """The recall of the rarer class, from the counts of a confusion matrix.

    >>> minority_recall({"tp": 30, "fn": 10, "tn": 4, "fp": 6})
    0.4
    """
    positives, negatives = found["tp"] + found["fn"], found["tn"] + found["fp"]
    right, there = (found["tp"], positives) if positives <= negatives else (found["tn"], negatives)
    return right / there if there else 0.0
