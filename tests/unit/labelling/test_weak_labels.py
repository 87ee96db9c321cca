"""Majority vote and label model on votes whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from include.labelling.choice import choose, score
from include.labelling.registry import LabellingFunction
from include.labelling.weak_labels import FittedLabelModel, MajorityVote, fit_label_model

ACCURACIES = (0.9, 0.85, 0.6, 0.6, 0.6)
NONE = np.empty(0, dtype=np.int8)


def abstain(_: object) -> int:
    return -1


def functions(count: int, broad: tuple[int, ...] = ()) -> list[LabellingFunction]:
    return [LabellingFunction(f"f{j}", "test", abstain, j in broad) for j in range(count)]


def independent_votes(n: int = 4000, coverage: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    """Votes of independent functions of known accuracies, and the truth (balanced classes)."""
    draw = np.random.default_rng(7)
    truth = draw.integers(0, 2, n)
    right = draw.random((n, len(ACCURACIES))) < ACCURACIES
    votes = np.where(right, truth[:, None], 1 - truth[:, None])
    return np.where(draw.random(votes.shape) < coverage, votes, -1).astype(np.int8), truth


def test_the_label_model_recovers_known_accuracies_and_beats_the_majority() -> None:
    votes, truth = independent_votes()
    model = fit_label_model(votes, functions(5))
    assert np.allclose(np.array(model.weights(), dtype=float), ACCURACIES, atol=0.06)
    assert score(model, votes, truth)["f1"] > score(MajorityVote(), votes, truth)["f1"] + 0.02


def test_the_same_seed_gives_the_same_labels() -> None:
    votes, _ = independent_votes(500)
    first, again = (fit_label_model(votes, functions(5)).label(votes) for _ in range(2))
    assert np.array_equal(first.probabilities, again.probabilities, equal_nan=True)


def test_all_abstain_posts_get_no_label() -> None:
    votes, _ = independent_votes(500)
    votes[:3] = -1
    for labeller in (MajorityVote(), fit_label_model(votes, functions(5))):
        weak = labeller.label(votes)
        assert weak.labels[:3].tolist() == [-1, -1, -1]
        assert np.isnan(weak.probabilities[:3]).all()


def test_where_only_broad_functions_vote_their_majority_decides() -> None:
    votes, _ = independent_votes(500)
    votes = np.hstack([votes, np.zeros((500, 1), dtype=np.int8)])
    votes[0, :5] = -1
    model = fit_label_model(votes, functions(6, broad=(5,)))
    assert model.label(votes).labels[0] == 0
    assert model.weights()[5] is None


def test_no_narrow_votes_are_an_error() -> None:
    with pytest.raises(ValueError, match="no input"):
        fit_label_model(np.full((5, 4), -1, dtype=np.int8), functions(4))


def test_golden_labels_decide() -> None:
    votes, truth = independent_votes(1000)
    choice = choose(fit_label_model(votes, functions(5)), votes, votes[:200], truth[:200], functions(5))
    assert choice.labeller.name == "label model"
    assert choice.scores["label model"]["f1"] >= choice.scores["majority vote"]["f1"]
    assert "200 golden labels" in choice.reason


def test_without_golden_labels_the_label_model_is_trusted() -> None:
    votes, _ = independent_votes(1000)
    choice = choose(fit_label_model(votes, functions(5)), votes, votes[:0], NONE, functions(5))
    assert choice.labeller.name == "label model"
    assert choice.scores == {}


class OneClass(FittedLabelModel):
    """A collapsed label model."""

    def label(self, votes: np.ndarray):
        return MajorityVote().label(np.zeros_like(votes))


def test_a_collapsed_label_model_is_not_trusted() -> None:
    votes, _ = independent_votes(500)
    fitted = fit_label_model(votes, functions(5))
    collapsed = OneClass(fitted.model, fitted.narrow)
    choice = choose(collapsed, votes, votes[:0], NONE, functions(5))
    assert choice.labeller.name == "majority vote"
    assert "one class" in choice.reason


def test_functions_learned_as_worse_than_chance_are_not_trusted() -> None:
    votes, _ = independent_votes(2000)
    contrary = np.where(votes[:, :1] >= 0, 1 - votes[:, :1], -1)
    votes = np.hstack([votes, contrary]).astype(np.int8)
    choice = choose(fit_label_model(votes, functions(6)), votes, votes[:0], NONE, functions(6))
    assert choice.labeller.name == "majority vote"
    assert "worse than chance: f5" in choice.reason


def test_no_label_model_leaves_the_majority() -> None:
    assert choose(None, NONE.reshape(0, 5), NONE, NONE, functions(5)).labeller.name == "majority vote"
