"""Majority vote and label model on votes whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from snorkel.labeling.model import MajorityLabelVoter

from include.labelling.functions.registry import LabellingFunction
from include.labelling.golden_posts import GoldenPosts
from include.labelling.label_models import FittedLabelModel, Labeller, MajorityVote, fit_label_model
from include.labelling.model_selection import choose, score_labels

pytestmark = pytest.mark.learning

ACCURACIES = (0.9, 0.85, 0.6, 0.6, 0.6)
NONE = np.empty(0, dtype=np.int8)


class Voted(GoldenPosts):
    """Golden posts whose votes are given, not cast."""

    def __init__(self, votes: np.ndarray, labels: np.ndarray, texts: list[str] | None = None) -> None:
        texts = texts or [f"text {place}" for place in range(len(labels))]
        super().__init__(texts, texts, texts, labels)
        self.__dict__["votes"] = votes


def f1(labeller: Labeller, votes: np.ndarray, truth: np.ndarray) -> float:
    return score_labels(labeller.label(votes).labels, truth)["f1"]


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
    assert f1(model, votes, truth) > f1(MajorityVote(), votes, truth) + 0.02


def test_the_majority_is_exact() -> None:
    votes, truth = independent_votes()
    balance = np.where(votes == 1, 1, 0).sum(axis=1) - np.where(votes == 0, 1, 0).sum(axis=1)
    labels = MajorityVote().label(votes).labels
    assert np.array_equal(labels, np.select([balance > 0, balance < 0], [1, 0], -1))
    assert np.array_equal(labels, MajorityLabelVoter().predict(votes, tie_break_policy="abstain"))
    counted = (balance != 0) & ((balance > 0) == (truth == 1))
    assert (labels == truth).mean() == counted.mean()


def test_the_label_model_comes_near_the_best_there_is() -> None:
    # With known accuracies of independent voters, Bayes' rule weighs each vote by its log odds.
    votes, truth = independent_votes(8000)
    odds = np.log(np.array(ACCURACIES) / (1 - np.array(ACCURACIES)))
    best = np.where(votes == -1, 0, 2 * votes - 1) @ odds
    decided = best != 0
    labels = fit_label_model(votes, functions(5)).label(votes).labels
    reached = (labels == truth)[decided].mean()
    assert reached == pytest.approx(((best > 0) == (truth == 1))[decided].mean(), abs=0.01)


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
    choice = choose(
        fit_label_model(votes, functions(5)), votes, Voted(votes[:200], truth[:200]), functions(5)
    )
    assert choice.labeller.name == "label model"
    assert choice.scores["label model"]["f1"] >= choice.scores["majority vote"]["f1"]
    assert "200 golden labels" in choice.reason


def test_what_golden_labels_reach_alone_is_told_first_where_it_wins() -> None:
    votes, truth = independent_votes(1000)
    words = {0: "weather today rain", 1: "neural network paper"}
    texts = [f"{words[label]} {place}" for place, label in enumerate(truth[:200].tolist())]
    golden = Voted(votes[:200], truth[:200], texts)
    choice = choose(fit_label_model(votes, functions(5)), votes, golden, functions(5))
    assert choice.scores["golden only"]["f1"] == 1.0
    assert choice.labeller.name == "label model"
    assert choice.reason.startswith("golden labels alone do better")


def test_without_golden_labels_the_label_model_is_trusted() -> None:
    votes, _ = independent_votes(1000)
    choice = choose(fit_label_model(votes, functions(5)), votes, Voted(votes[:0], NONE), functions(5))
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
    choice = choose(collapsed, votes, Voted(votes[:0], NONE), functions(5))
    assert choice.labeller.name == "majority vote"
    assert "one class" in choice.reason


def test_functions_learned_as_worse_than_chance_are_not_trusted() -> None:
    votes, _ = independent_votes(2000)
    contrary = np.where(votes[:, :1] >= 0, 1 - votes[:, :1], -1)
    votes = np.hstack([votes, contrary]).astype(np.int8)
    choice = choose(fit_label_model(votes, functions(6)), votes, Voted(votes[:0], NONE), functions(6))
    assert choice.labeller.name == "majority vote"
    assert "worse than chance: f5" in choice.reason


def test_no_label_model_leaves_the_majority() -> None:
    assert (
        choose(None, NONE.reshape(0, 5), Voted(NONE.reshape(0, 5), NONE), functions(5)).labeller.name
        == "majority vote"
    )
