"""What champion and candidate answer on the same rows through the same server: facts, no opinion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

Numbers = list[float | None]
"""Floats; None where a model gave no proper one, which JSON has no number for."""


class Answered(BaseModel):
    """One model on the scoring server.

    Attributes:
        load_error: why it did not become AVAILABLE; everything after it is empty then.
        cross_fitted: rows it learned from with their golden label, where the answers are those of models
            that had not.
        met_weakly: rows it learned from with a weak label.
        improper: texts it gave no probability for (not finite, outside [0, 1], refused, or in the name of
            another version), of ``asked``.
        repeat_difference: how far two answers to the same text lay apart.
        latency_ms: of single requests of ``latency_batch`` texts.
        behaviour: what ``include.model.evaluation.behaviour.run_cases`` found.
    """

    model_config = ConfigDict(frozen=True)

    version: int
    megabytes: float
    files_hash: str
    threshold: float
    load_seconds: float | None = None
    load_error: str | None = None
    asked: int = 0
    improper: int = 0
    improper_text: str | None = None
    probabilities: Numbers = []
    thresholds: list[float] = []
    cross_fitted: int = 0
    met_weakly: int = 0
    repeat_difference: float | None = None
    latency_ms: list[float] = []
    behaviour: dict[str, Any] | None = None

    @property
    def answers(self) -> np.ndarray:
        """float64[n]; NaN where there is no proper one."""
        return np.array([math.nan if p is None else p for p in self.probabilities], dtype=np.float64)

    @property
    def predicted(self) -> np.ndarray:
        """bool[n]; no proper answer is no prediction."""
        return np.nan_to_num(self.answers, nan=-1.0) >= np.array(self.thresholds)


class Scoring(BaseModel):
    """Both models on the same rows.

    Attributes:
        in_service: the version in service; None where nothing is.
        champion: what it answered; None where there is none, or it could not be compared
            (``not_compared`` says why).
        judged_by: whose labels the rows have: golden, weak, or none where there are no rows.
        counts: what became of the golden rows.
        parts: the slices that each row belongs to.
    """

    model_config = ConfigDict(frozen=True)

    model_name: str
    dataset_version: int
    in_service: int | None
    scored_at: datetime
    judged_by: str
    counts: dict[str, int]
    hashes: list[str]
    labels: list[bool]
    parts: list[dict[str, str]]
    candidate: Answered
    champion: Answered | None = None
    not_compared: str | None = None
    latency_batch: int = 0

    @property
    def truth(self) -> np.ndarray:
        """The labels: bool[n]."""
        return np.array(self.labels, dtype=bool)


def numbers(values: Sequence[float] | np.ndarray) -> Numbers:
    """The values with None for what is not finite.

    >>> numbers([0.5, float("nan")])
    [0.5, None]
    """
    return [value if math.isfinite(value) else None for value in np.asarray(values, dtype=float).tolist()]


def now() -> datetime:
    return datetime.now(UTC)
