"""The choice of a labeller for a version: majority vote or label model, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from include.datasets.golden_set import TO_CHOOSE_A_LABELLER
from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.functions.registry import LabellingFunction
from include.labelling.golden_baseline import cross_fitted
from include.labelling.golden_posts import GoldenPosts
from include.labelling.label_models import FittedLabelModel, Labeller, MajorityVote
from include.lexicon.labels import ABSTAIN, AI

FEWEST_VOTES = 20
GOLDEN_ONLY = "golden only"


@dataclass(frozen=True, slots=True)
class ChosenLabeller:
    """The chosen labeller, the reason in words, and each candidate's scores on golden labels."""

    labeller: Labeller
    reason: str
    scores: dict[str, dict[str, float]] = field(default_factory=dict)


def choose(
    model: FittedLabelModel | None,
    votes: np.ndarray,
    golden: GoldenPosts,
    functions: Sequence[LabellingFunction] = LABELLING_FUNCTIONS,
) -> ChosenLabeller:
    """Choose on golden labels where there are enough, else take the label model unless it looks broken.

    The scores include those of a classifier trained on golden labels alone, cross-fitted, so that it is
    measured on posts it did not learn from. It is never chosen: a classifier trained on its labels would be
    measured on the labels that they come from. Where it is better, the reason names it.

    Args:
        model: the fitted label model; None where there was nothing to fit it on.
        votes: the votes it was fitted on, [n, m].
        golden: posts with golden labels outside the test split.
        functions: the m functions, for names in the reason.
    """
    majority = MajorityVote()
    if TO_CHOOSE_A_LABELLER.met_by(golden.labels):
        labellers: tuple[Labeller, ...] = (majority,) if model is None else (majority, model)
        return _best(labellers, golden)
    if model is None:
        return ChosenLabeller(majority, "majority vote: no votes to fit a label model on")
    if flaw := _flaw(model, votes, functions):
        return ChosenLabeller(majority, f"majority vote: {flaw}")
    return ChosenLabeller(model, "label model: no golden labels to choose on, and it separates both classes")


def _best(labellers: Sequence[Labeller], golden: GoldenPosts) -> ChosenLabeller:
    """The labeller with the best F1; among equals the simpler, which comes first."""
    scores = {one.name: score(one, golden) for one in labellers}
    best = max(labellers, key=lambda one: scores[one.name]["f1"])
    reason = f"{best.name}: best F1 on {len(golden)} golden labels outside test"
    alone = cross_fitted(golden)
    if alone is not None:
        scores[GOLDEN_ONLY] = score_labels(alone, golden.labels)
        reached, chosen = scores[GOLDEN_ONLY]["f1"], scores[best.name]["f1"]
        reason += f"; golden labels alone reach {reached:.3f}, {best.name} {chosen:.3f}"
        if reached > chosen:
            reason = f"golden labels alone do better than any weak label; of those, {reason}"
    return ChosenLabeller(best, reason, scores)


def score(labeller: Labeller, golden: GoldenPosts) -> dict[str, float]:
    """A labeller's scores on golden posts."""
    return score_labels(labeller.label(golden.votes).labels, golden.labels)


def score_labels(weak: np.ndarray, golden: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 of class AI on golden labels; no label counts as not AI."""
    hits = int(((weak == AI) & (golden == AI)).sum())
    predicted, actual = int((weak == AI).sum()), int((golden == AI).sum())
    precision = hits / predicted if predicted else 0.0
    recall = hits / actual if actual else 0.0
    f1 = 2 * hits / (predicted + actual) if predicted + actual else 0.0
    undecided = int((weak == ABSTAIN).sum())
    return {"n": len(golden), "precision": precision, "recall": recall, "f1": f1, "undecided": undecided}


def _flaw(model: FittedLabelModel, votes: np.ndarray, functions: Sequence[LabellingFunction]) -> str | None:
    """Why a label model is not to be trusted; None if there is no reason.

    It may put all posts in one class, or learn that functions are worse than chance: each was written to be
    better, so such a model has misjudged how they depend on each other (snorkel issues 1487, 1591).
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
