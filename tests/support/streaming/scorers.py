"""Scorers of a few lines, with a known answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from include.streaming.scorers.base import Refused, Scores
from include.streaming.scorers.bisection import isolate

PROBABILITY = {"probability": pa.float64()}


def texts(*values: str) -> pa.RecordBatch:
    """Inputs of one column, ``text``."""
    return pa.record_batch({"text": pa.array(values, pa.string())})


def numbers(count: int) -> pa.RecordBatch:
    """The texts ``0``, ``1``, and so on."""
    return texts(*map(str, range(count)))


def probabilities(scores: Scores) -> list[float | None]:
    return scores.outputs["probability"].to_pylist()


def answer(inputs: pa.RecordBatch, version: str, probability: float | Sequence[float]) -> Scores:
    """All rows answered."""
    values = np.broadcast_to(np.asarray(probability, np.float64), inputs.num_rows)
    return Scores.of({"probability": pa.array(values)}, version, inputs.num_rows)


class FixedScorer:
    """One probability for all, but texts with ``poison`` in them are refused."""

    def __init__(self, version: int = 3, probability: float = 0.5, why: str | None = None) -> None:
        self.version, self.probability, self.why = version, probability, why

    def score(self, inputs: pa.RecordBatch) -> Scores:
        return isolate(inputs, self._ask, PROBABILITY)

    def ready(self) -> str | None:
        return self.why

    def warm(self) -> None: ...

    def _ask(self, inputs: pa.RecordBatch) -> Scores:
        if any("poison" in text for text in inputs.column("text").to_pylist()):
            raise Refused(f"v{self.version} refused it")
        return answer(inputs, str(self.version), self.probability)
