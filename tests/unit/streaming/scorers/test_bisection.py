from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from include.serving.client import Prediction, ServingError, ServingUnavailable
from include.streaming.scorers.base import CANARY, Scores
from include.streaming.scorers.bisection import Refused, isolate
from include.streaming.scorers.tf_serving import TfServingScorer


class Model:
    """Answers 0.25 for each text; ``troubles`` are raised one per request first."""

    def __init__(
        self, poison: Sequence[str] = (), status: int = 400, troubles: Sequence[Exception] = ()
    ) -> None:
        self.poison, self.status, self.troubles = set(poison), status, list(troubles)
        self.requests: list[int] = []

    def predict(self, texts: Sequence[str], version: int | None = None) -> Prediction:
        self.requests.append(len(texts))
        if self.troubles:
            raise self.troubles.pop(0)
        if self.poison & {*texts} or "*" in self.poison:
            raise ServingError("no", self.status)
        return Prediction(np.full(len(texts), 0.25), 7)


def scorer(model: Model, batch: int = 64) -> tuple[TfServingScorer, list[float]]:
    slept: list[float] = []
    return TfServingScorer(model, batch, slept.append), slept


@pytest.mark.parametrize("status", [400, 413, 200])
def test_one_poisonous_text_is_isolated_and_the_rest_scored(status: int) -> None:
    model = Model(poison=["t41"], status=status)
    scores = scorer(model)[0].score([f"t{n}" for n in range(100)])
    assert list(scores.refused) == [41]
    assert (scores.probabilities[[0, 40, 42, 99]] == 0.25).all()
    assert (np.delete(scores.model_versions, 41) == 7).all()
    assert len(model.requests) < 20


def test_several_poisonous_texts_in_several_batches() -> None:
    bad = [0, 1, 63, 64, 99]
    scores = scorer(Model(poison=[f"t{n}" for n in bad]))[0].score([f"t{n}" for n in range(100)])
    assert sorted(scores.refused) == bad


@pytest.mark.parametrize(
    "trouble",
    [
        ServingUnavailable("gone"),
        ServingError("loading", 404),
        ServingError("ill", 500),
        ServingError("busy", 429),
    ],
)
def test_an_outage_is_waited_out_and_refuses_nothing(trouble: Exception) -> None:
    scoring, slept = scorer(Model(troubles=[trouble] * 5))
    scores = scoring.score(["a", "b"])
    assert not scores.refused
    assert len(slept) == 5
    assert slept[4] > slept[0]


def test_a_model_that_refuses_everything_is_an_outage_not_a_flood_of_dead_letters() -> None:
    model = Model(poison=["*"])
    scoring, slept = scorer(model)

    def mend(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            model.poison = set()

    scoring.sleep = mend
    scores = scoring.score([f"t{n}" for n in range(64)])
    assert not scores.refused
    assert len(slept) == 3


def test_a_text_refused_by_mere_chance_is_scored_after_all() -> None:
    model = Model(troubles=[ServingError("chance", 400)])
    assert not scorer(model)[0].score(["a"]).refused


def test_ready_says_why_not() -> None:
    assert scorer(Model())[0].ready() is None
    assert "gone" in (scorer(Model(troubles=[ServingUnavailable("gone")]))[0].ready() or "")
    assert scorer(Model(poison=[CANARY]))[0].ready() is not None


def test_isolation_costs_a_logarithm() -> None:
    asked = []

    def ask(texts: Sequence[str]) -> Scores:
        asked.append(len(texts))
        if "bad" in texts:
            raise Refused("bad")
        return Scores(np.zeros(len(texts)), np.ones(len(texts), np.int32))

    texts = ["good"] * 1023 + ["bad"]
    assert list(isolate(texts, ask).refused) == [1023]
    assert len(asked) <= 2 * math.log2(1024) + 2
