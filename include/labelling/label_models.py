"""Soft labels from votes: by majority, and by snorkel's label model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from snorkel.labeling.model import LabelModel

from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.functions.registry import LabellingFunction
from include.lexicon.labels import ABSTAIN, AI, NOT_AI

SEED = 20200405
EPOCHS = 500


@dataclass(frozen=True, slots=True)
class WeakLabels:
    """Weak labels of n posts.

    labels: int8 [n], -1 where the votes are undecided; probabilities: float64 [n] of being AI, nan there.
    """

    labels: np.ndarray
    probabilities: np.ndarray

    @classmethod
    def of(cls, probabilities: np.ndarray, undecided: np.ndarray) -> WeakLabels:
        """Label by the threshold 0.5; a post that is undecided, or exactly at 0.5, gets no label."""
        undecided = undecided | (probabilities == 0.5)
        labels = np.where(undecided, ABSTAIN, np.where(probabilities > 0.5, AI, NOT_AI)).astype(np.int8)
        return cls(labels, np.where(undecided, np.nan, probabilities))


class Labeller(Protocol):
    """Turns votes into weak labels."""

    @property
    def name(self) -> str:
        """Its name in reports."""
        ...

    def label(self, votes: np.ndarray) -> WeakLabels:
        """Weak labels of a vote matrix [n, m]."""
        ...


@dataclass(frozen=True, slots=True)
class MajorityVote:
    """The share of AI among the votes cast, with half a vote added to either side.

    With the half votes (Jeffreys' prior) one vote is less certain than ten; a tie is undecided.

    >>> labels = MajorityVote().label(np.array([[1, 1, -1], [1, 0, -1], [-1, -1, -1]]))
    >>> labels.labels.tolist(), round(float(labels.probabilities[0]), 2)
    ([1, -1, -1], 0.83)
    """

    name: str = "majority vote"

    def label(self, votes: np.ndarray) -> WeakLabels:
        for_ai = (votes == AI).sum(axis=1)
        against = (votes == NOT_AI).sum(axis=1)
        return WeakLabels.of((for_ai + 0.5) / (for_ai + against + 1.0), for_ai == against)


@dataclass(frozen=True, slots=True)
class FittedLabelModel:
    """Snorkel's label model over the narrow functions; where only broad ones vote, the majority of those."""

    model: LabelModel
    narrow: np.ndarray
    name: str = "label model"

    def label(self, votes: np.ndarray) -> WeakLabels:
        votes = votes.astype(np.int64)
        narrow = votes[:, self.narrow]
        if not len(votes):
            return MajorityVote().label(votes)
        silent = (narrow == ABSTAIN).all(axis=1)
        majority = MajorityVote().label(votes)
        learned = self.model.predict_proba(narrow)[:, AI]
        probabilities = np.where(silent, np.nan_to_num(majority.probabilities, nan=0.5), learned)
        return WeakLabels.of(probabilities, silent & (majority.labels == ABSTAIN))

    def weights(self) -> list[float | None]:
        """Learned accuracy of each function, in column order; None for broad ones and for silent ones."""
        with np.errstate(divide="ignore", invalid="ignore"):  # a silent function's coverage is 0
            pairs = iter(zip(self.model.get_weights(), self.model.coverage, strict=True))
        voted = [next(pairs) if narrow else (0.0, 0.0) for narrow in self.narrow]
        return [float(weight) if coverage > 0 else None for weight, coverage in voted]


def fit_label_model(
    votes: np.ndarray,
    functions: Sequence[LabellingFunction] = LABELLING_FUNCTIONS,
    *,
    seed: int = SEED,
    epochs: int = EPOCHS,
) -> FittedLabelModel:
    """Fit the label model on votes [n, m]; the same votes and seed give the same model.

    Posts on which every narrow function abstains are left out.

    Raises:
        ValueError: fewer than three functions that are not broad, or no votes of theirs.
    """
    narrow = np.array([not function.broad for function in functions])
    matrix = votes[:, narrow].astype(np.int64)
    matrix = matrix[(matrix != ABSTAIN).any(axis=1)]
    if not len(matrix):
        raise ValueError("no post has a vote of a narrow labelling function: the label model has no input")
    torch.set_num_threads(1)  # more threads only slow down such small matrices
    model = LabelModel(cardinality=2, verbose=False)
    model.fit(matrix, n_epochs=epochs, seed=seed, progress_bar=False)
    return FittedLabelModel(model, narrow)
