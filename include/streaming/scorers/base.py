"""The interface of a scorer, and how one comes from its declaration."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from include.settings import Settings
from include.streaming.workloads import ScorerChoice, Split, TfServing

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


def make_scorer(declared: ScorerChoice, settings: Settings) -> Scorer:
    """The scorer of a workload's declaration; heavy libraries are imported only by the one in use."""
    if isinstance(declared, TfServing):
        from include.streaming.scorers.tf_serving import TfServingScorer

        return TfServingScorer.of(declared, settings)
    if isinstance(declared, Split):
        from include.streaming.scorers.shared import SharedScorer

        return SharedScorer.of(declared, settings)
    from include.streaming.scorers.saved_model import SavedModelScorer

    return SavedModelScorer(declared, settings)


_scorers: dict[object, Scorer] = {}


def worker_scorer(declared: ScorerChoice, settings: Settings) -> Scorer:
    """The one scorer of this process, kept from batch to batch: its connections, its loaded model."""
    key = (declared, settings.model_url, settings.serving_dir, settings.model_name)
    if key not in _scorers:
        _scorers[key] = make_scorer(declared, settings)
        spare_the_collector()
    return _scorers[key]


def spare_the_collector() -> None:
    """Take what is loaded out of the sight of Python's collector of cycles, and let it look rarely.

    PySpark has it look through everything after each task: 0.1 to 0.4 s with TensorFlow and pandas
    loaded, most of the cost of a small batch. A batch makes many objects and no cycle.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)
