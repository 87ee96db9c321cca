"""Scorings made up of labels and answers, for tests of the gate's rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from include.promotion.gate.checks import Check, Verdict
from include.promotion.gate.gate import GateDecision, evaluate_gate
from include.promotion.limits import PromotionLimits
from include.promotion.scoring.record import ModelAnswers, PromotionScoring, finite_or_none

BEHAVIOUR: dict[str, Any] = {
    "cases": 10,
    "passed": 10,
    "by_kind": {"minimum": [10, 10]},
    "failures": [],
}


def answered(version: int, probabilities: Sequence[float] | np.ndarray, **others: Any) -> ModelAnswers:
    """A model without fault that gave these probabilities."""
    given = np.asarray(probabilities, dtype=float)
    facts = {
        "version": version, "megabytes": 2.0, "files_hash": "ab", "threshold": 0.5, "load_seconds": 1.0,
        "asked": len(given), "probabilities": finite_or_none(given),
        "thresholds": [0.5] * len(given), "repeat_difference": 0.0, "latency_ms": [10.0] * 20,
        "behaviour": BEHAVIOUR,
    }  # fmt: skip
    return ModelAnswers(**{**facts, **others})


def scoring(
    labels: np.ndarray,
    candidate: ModelAnswers,
    champion: ModelAnswers | None = None,
    *,
    judged_by: str = "golden",
    parts: list[dict[str, str]] | None = None,
    **others: Any,
) -> PromotionScoring:
    """A scoring on golden rows of which all count."""
    count = len(labels)
    counts = {
        "golden": count,
        "met_by_candidate": 0,
        "counted": count,
        "counted_positives": int(np.sum(labels)),
    }
    facts = {
        "model_name": "m", "dataset_version": 3, "in_service": champion and champion.version,
        "scored_at": datetime(2026, 1, 1, tzinfo=UTC), "judged_by": judged_by, "counts": counts,
        "hashes": [f"{row:064x}" for row in range(count)], "labels": np.asarray(labels).tolist(),
        "parts": parts or [{"language": "en"}] * count, "candidate": candidate, "champion": champion,
        "latency_batch": 64,
    }  # fmt: skip
    return PromotionScoring(**{**facts, **others})


def truth(count: int) -> np.ndarray:
    """Labels of which every third is positive: bool[n]."""
    return np.arange(count) % 3 == 0


def says(labels: np.ndarray, *wrong: int) -> np.ndarray:
    """Probabilities that are right but for the rows ``wrong``."""
    flipped = labels.copy()
    flipped[list(wrong)] ^= True
    return np.where(flipped, 0.9, 0.1)


LABELS = truth(300)


def good(version: int = 2, **others: Any) -> ModelAnswers:
    """A model that is wrong on two of the ``LABELS``."""
    return answered(version, says(LABELS, 0, 1), **others)


def check(decision: GateDecision, name: str) -> Check:
    """The one check of this name."""
    (found,) = [one for one in decision.checks if one.name == name]
    return found


def outcomes(decision: GateDecision) -> dict[str, str]:
    """The checks that did not pass."""
    return {one.name: str(one.outcome) for one in decision.checks if one.outcome is not Verdict.PASS}


def content(*wrong: int, **others: Any) -> dict[str, Any]:
    """Evidence, as far as a report needs it, on a candidate that is wrong on the rows ``wrong``."""
    made = scoring(LABELS, answered(2, says(LABELS, *wrong)), answered(1, says(LABELS, 3)), **others)
    head = {"model_name": "m", "model_version": 2, "champion": 1, "dataset_version": 3}
    return {**head, **evaluate_gate(made, PromotionLimits()).evidence()}
