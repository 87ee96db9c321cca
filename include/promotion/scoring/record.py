"""What candidate and champion answered: the value that the gate judges, as it is kept in the database.

The fields are the JSON of table ``promotion_scoring``; their names stay as they are, because evidence is
filed under a hash of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

FiniteOrNone = list[float | None]
"""Floats; None for what is not finite, which JSON has no number for."""


class ModelAnswers(BaseModel):
    """What one model did on the scoring server.

    Attributes:
        load_error: why it did not become AVAILABLE; everything after it is empty then.
        asked: texts that were sent.
        improper: how many of them got no probability (not finite, outside [0, 1], refused, or from another
            version).
        thresholds: one for each of ``probabilities``.
        cross_fitted: rows it learned from with their golden label, for which the answers of models that had
            not are measured.
        met_weakly: rows it learned from with a weak label.
        repeat_difference: the largest difference between two answers to one text.
        latency_ms: of single requests of ``latency_batch`` texts.
        behaviour: what ``include.model.evaluation.behaviour.run_cases`` returned.
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
    probabilities: FiniteOrNone = []
    thresholds: list[float] = []
    cross_fitted: int = 0
    met_weakly: int = 0
    repeat_difference: float | None = None
    latency_ms: list[float] = []
    behaviour: dict[str, Any] | None = None

    @property
    def answers(self) -> np.ndarray:
        """The probabilities, float64[n]; NaN where there is no proper one."""
        return np.array([math.nan if p is None else p for p in self.probabilities], dtype=np.float64)

    @property
    def predicted(self) -> np.ndarray:
        """bool[n]; False where there is no proper probability."""
        return np.nan_to_num(self.answers, nan=-1.0) >= np.array(self.thresholds)


class PromotionScoring(BaseModel):
    """Both models on the same rows.

    Attributes:
        in_service: the version in service; None where nothing is.
        champion: what that version answered; None where nothing is in service, or it could not be compared
            (``not_compared`` says why).
        judged_by: whose labels the rows have: golden, weak, or none where there are no rows.
        counts: how many golden rows there are, and how many of them count.
        parts: the slices that each row belongs to, by kind.
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
    candidate: ModelAnswers
    champion: ModelAnswers | None = None
    not_compared: str | None = None
    latency_batch: int = 0

    @property
    def truth(self) -> np.ndarray:
        """The labels: bool[n]."""
        return np.array(self.labels, dtype=bool)


def finite_or_none(values: Sequence[float] | np.ndarray) -> FiniteOrNone:
    """The values, with None for what is not finite.

    >>> finite_or_none([0.5, float("nan")])
    [0.5, None]
    """
    return [value if math.isfinite(value) else None for value in np.asarray(values, dtype=float).tolist()]
