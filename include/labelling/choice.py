"""Which labels a version gets: the majority's or the label model's, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.registry import LabellingFunction
from include.labelling.vote import ABSTAIN, AI
from include.labelling.weak_labels import FittedLabelModel, Labeller, MajorityVote

FEWEST_GOLDEN = 20
FEWEST_VOTES = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen labeller, the reason in words, and each candidate's scores on golden labels."""

    labeller: Labeller
    reason: str
    scores: dict[str, dict[str, float]] = field(default_factory=dict)


def choose(
    model: FittedLabelModel | None,
    votes: np.ndarray,
    golden_votes: np.ndarray,
    golden: np.ndarray,
    functions: Sequence[LabellingFunction] = LABELLING_FUNCTIONS,
) -> Choice:
    """Choose on golden labels where there are enough, else trust the label model unless it looks broken.

    Args:
        model: the fitted label model; None where there was nothing to fit it on.
        votes: the votes it was fitted on, [n, m].
        golden_votes: votes on posts with golden labels outside the test split, [g, m].
        golden: their labels, [g].
        functions: the m functions, for names in the reason.
    """
    majority = MajorityVote()
    if model is None:
        return Choice(majority, "majority vote: no votes to fit a label model on")
    if _enough(golden):
        candidates: tuple[Labeller, ...] = (majority, model)
        scores = {way.name: score(way, golden_votes, golden) for way in candidates}
        best = max(candidates, key=lambda way: scores[way.name]["f1"])  # a tie: the simpler one
        return Choice(best, f"{best.name}: best F1 on {len(golden)} golden labels outside test", scores)
    if flaw := _flaw(model, votes, functions):
        return Choice(majority, f"majority vote: {flaw}")
    return Choice(model, "label model: no golden labels to choose on, and it separates both classes")


def score(labeller: Labeller, votes: np.ndarray, golden: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 of class AI on golden labels; no label counts as not AI."""
    weak = labeller.label(votes).labels
    hits = int(((weak == AI) & (golden == AI)).sum())
    predicted, actual = int((weak == AI).sum()), int((golden == AI).sum())
    precision = hits / predicted if predicted else 0.0
    recall = hits / actual if actual else 0.0
    f1 = 2 * hits / (predicted + actual) if predicted + actual else 0.0
    undecided = int((weak == ABSTAIN).sum())
    return {"n": len(golden), "precision": precision, "recall": recall, "f1": f1, "undecided": undecided}


def _enough(golden: np.ndarray) -> bool:
    return len(golden) >= FEWEST_GOLDEN and min((golden == label).sum() for label in (0, 1)) >= 5


def _flaw(model: FittedLabelModel, votes: np.ndarray, functions: Sequence[LabellingFunction]) -> str | None:
    """Why a label model is not to be trusted; None where nothing speaks against it.

    It may put all posts in one class, or learn functions as worse than chance: each was written to be
    better, so such a model has misread how they depend on each other (snorkel issues 1487, 1591).
    """
    if len(set(model.label(votes).labels.tolist()) - {ABSTAIN}) < 2:
        return "the label model puts every post in one class"
    cast = (votes != ABSTAIN).sum(axis=0)
    wrong = [
        function.name
        for function, weight, count in zip(functions, model.weights(), cast, strict=True)
        if weight is not None and weight < 0.5 and count >= FEWEST_VOTES
    ]
    if wrong:
        return "the label model learned as worse than chance: " + ", ".join(wrong)
    return None
