"""Predictions that may be measured: by models that did not learn from the golden labels in question.

A stored model learns from golden labels; for those rows its report keeps the predictions of models of the
same kind that did not learn from them (see ``include.model.training.cross_fitting``). Whoever measures a
stored model with golden labels uses those.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILE = "cross_fitted.json"

Scorer = Callable[[Sequence[str]], np.ndarray]
"""From n texts to their probabilities, float64[n]."""


@dataclass(frozen=True)
class Answers:
    """Probabilities float64[n], and the threshold: one for all, or float64[n]."""

    probabilities: np.ndarray
    threshold: float | np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """bool[n]."""
        return self.probabilities >= self.threshold


class CrossFittedAnswers:
    """Cross-fitted predictions for the golden rows that a stored model, and its baseline, learned from."""

    def __init__(self, hashes: Sequence[str], by_name: Mapping[str, Answers]) -> None:
        self.hashes, self.by_name = list(hashes), dict(by_name)
        self._place = {text_hash: i for i, text_hash in enumerate(hashes)}

    def learned(self, hashes: Sequence[str]) -> np.ndarray:
        """Which texts the model learned from with their golden label: bool[n]."""
        return np.array([text_hash in self._place for text_hash in hashes], dtype=bool)

    def instead_of(self, own: Answers, name: str, hashes: Sequence[str]) -> Answers:
        """The model's own predictions, with the kept ones for the texts that it learned from."""
        probabilities = own.probabilities.copy()
        thresholds = np.full(len(probabilities), own.threshold)
        for row, text_hash in enumerate(hashes):
            place = self._place.get(text_hash)
            if place is not None:
                kept = self.by_name[name]
                probabilities[row] = kept.probabilities[place]
                thresholds[row] = np.broadcast_to(kept.threshold, len(self.hashes))[place]
        return Answers(probabilities, thresholds if self.learned(hashes).any() else own.threshold)

    def save(self, report: Path) -> None:
        """Write them into a model's report."""
        content = {
            "text_hash": self.hashes,
            **{
                name: {
                    "probability": answers.probabilities.tolist(),
                    "threshold": np.broadcast_to(answers.threshold, len(self.hashes)).tolist(),
                }
                for name, answers in self.by_name.items()
            },
        }
        (report / FILE).write_text(json.dumps(content) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, report: Path) -> CrossFittedAnswers:
        """Read those of a model's report; none where the model learned from no golden label."""
        if not (report / FILE).is_file():
            return cls([], {})
        content = json.loads((report / FILE).read_text(encoding="utf-8"))
        hashes = content.pop("text_hash")
        found = {
            name: Answers(np.array(kept["probability"]), np.array(kept["threshold"]))
            for name, kept in content.items()
        }
        return cls(hashes, found)
