"""The interface of a scorer, and what it answers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

CANARY = "A plain post that every model of ours has to answer"
"""A text that is no poison: a scorer that refuses it is ill itself."""


@dataclass(frozen=True)
class Scores:
    """What a scorer says on ``n`` texts.

    Attributes:
        probabilities: float64 [n]; without meaning where the text was refused.
        model_versions: int32 [n], the version that answered.
        refused: reasons by the index of the text that the model will never take.
    """

    probabilities: np.ndarray
    model_versions: np.ndarray
    refused: dict[int, str] = field(default_factory=dict)

    @classmethod
    def joined(cls, parts: Sequence[Scores]) -> Scores:
        """Several, one behind the other.

        >>> one = Scores(np.array([0.5]), np.array([3]), {0: "no"})
        >>> Scores.joined([one, one]).refused
        {0: 'no', 1: 'no'}
        """
        if len(parts) == 1:
            return parts[0]
        refused: dict[int, str] = {}
        start = 0
        for part in parts:
            refused |= {start + index: reason for index, reason in part.refused.items()}
            start += len(part.probabilities)
        return cls(
            np.concatenate([part.probabilities for part in parts] or [np.empty(0)]),
            np.concatenate([part.model_versions for part in parts] or [np.empty(0, np.int32)]),
            refused,
        )


class Scorer(Protocol):
    """Scores batches; one lives in each Python worker."""

    def score(self, texts: Sequence[str], ids: Sequence[str] = ()) -> Scores:
        """Probabilities of all texts. Waits out an outage; refuses only what no model will take.

        ``ids``, of the texts' posts, decide where several scorers share the traffic.
        """

    def ready(self) -> str | None:
        """Why it can't score at this moment, or None. Quick; raises nothing."""

    def warm(self) -> None:
        """Get ready for the first batch: load, connect. Tries once, waits for nobody, raises nothing."""
