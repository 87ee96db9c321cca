"""Scorings made up of labels and answers, for the gate's rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from include.promotion.scoring.record import Answered, Scoring, numbers

BEHAVIOUR: dict[str, Any] = {
    "cases": 10,
    "passed": 10,
    "by_kind": {"minimum": [10, 10]},
    "failures": [],
}


def answered(version: int, probabilities: np.ndarray, **others: Any) -> Answered:
    """A model without fault that gave these probabilities."""
    probabilities = np.asarray(probabilities, dtype=float)
    facts = {
        "version": version, "megabytes": 2.0, "files_hash": "ab", "threshold": 0.5, "load_seconds": 1.0,
        "asked": len(probabilities), "probabilities": numbers(probabilities),
        "thresholds": [0.5] * len(probabilities), "repeat_difference": 0.0, "latency_ms": [10.0] * 20,
        "behaviour": BEHAVIOUR,
    }  # fmt: skip
    return Answered(**{**facts, **others})


def scoring(
    labels: np.ndarray,
    candidate: Answered,
    champion: Answered | None = None,
    *,
    judged_by: str = "golden",
    parts: list[dict[str, str]] | None = None,
    **others: Any,
) -> Scoring:
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
    return Scoring(**{**facts, **others})


def truth(count: int) -> np.ndarray:
    """A third of the rows is about AI: bool[n]."""
    return np.arange(count) % 3 == 0


def says(labels: np.ndarray, *wrong: int) -> np.ndarray:
    """Probabilities that are right but for the rows ``wrong``."""
    flipped = labels.copy()
    flipped[list(wrong)] ^= True
    return np.where(flipped, 0.9, 0.1)
