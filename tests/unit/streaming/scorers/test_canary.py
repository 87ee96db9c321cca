"""A canary's share of the posts: who answers, in which order, and what happens where the canary does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from include.serving.canary_window import CanaryWindow
from include.serving.client import Prediction, ServingError, ServingUnavailable
from include.settings import Settings
from include.streaming.scorers.canary import CanaryScorer, with_canary
from include.streaming.scorers.tf_serving import TfServingScorer
from include.streaming.scorers.traffic_split import SharedScorer
from include.streaming.traffic_shares import shares_of
from include.streaming.workload import SavedModel, TfServing

IDS = [str(number) for number in range(1000)]
TEXTS = [f"{number}" for number in range(1000)]


class Server:
    """Answers number / 1000 for a text that is a number; version 7 unless another one is asked for."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked: list[int | None] = []

    def predict(self, texts: Sequence[str], version: int | None = None) -> Prediction:
        self.asked.append(version)
        if version is not None and self.failure is not None:
            raise self.failure
        return Prediction(np.array([float(text) / 1000 for text in texts]), version or 7)


def split(server: Server) -> SharedScorer:
    stable = TfServingScorer(server)
    return SharedScorer((CanaryScorer(TfServingScorer(server, version=8), stable), stable), (0.2, 0.8))


def test_a_fifth_is_the_canarys_by_the_hash_of_the_id() -> None:
    scores = split(Server()).score(IDS, TEXTS)
    assert scores.probabilities.tolist() == [number / 1000 for number in range(1000)]
    by_canary = scores.model_versions == 8
    assert (by_canary == (shares_of(IDS, (0.2, 0.8)) == 0)).all()
    assert 150 < by_canary.sum() < 250
    again = split(Server()).score(IDS[::-1], TEXTS[::-1])
    assert (again.model_versions[::-1] == scores.model_versions).all()


@pytest.mark.parametrize(
    "failure",
    [
        ServingUnavailable("gone"),
        ServingError("Servable not found", 404),
        ServingError("busy", 503),
        ServingError("NaN", 200),
    ],
    ids=str,
)
def test_what_the_canary_does_not_answer_the_stable_version_does(failure: Exception) -> None:
    server = Server(failure)
    scores = split(server).score(IDS, TEXTS)
    assert scores.probabilities.tolist() == [number / 1000 for number in range(1000)]
    assert (scores.model_versions == 7).all()
    assert server.asked.count(8) == 1, "it was asked once, not waited for"


@pytest.mark.parametrize("ids", [[], ["1"]])
def test_few_posts(ids: list[str]) -> None:
    assert len(split(Server()).score(ids, ids).probabilities) == len(ids)


def test_only_an_open_window_splits() -> None:
    stable, settings = TfServingScorer(Server()), Settings()
    window = CanaryWindow(8, 0.3)
    assert with_canary(stable, TfServing(), settings, None) is stable
    assert with_canary(stable, SavedModel(), settings, window) is stable
    made = with_canary(stable, TfServing(), settings, window)
    assert isinstance(made, SharedScorer)
    canary, rest = made.scorers
    assert isinstance(canary, CanaryScorer)
    assert (made.shares[0], canary.canary.version) == (0.3, 8)
    assert rest is canary.stable is stable
