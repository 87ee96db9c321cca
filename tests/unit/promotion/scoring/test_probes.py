"""How a scoring asks a model: in batches, text by text where one is refused, and in turn for latencies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from include.promotion.scoring import probes
from include.promotion.scoring.probes import REFUSALS_IN_A_ROW, latencies, probe, repeat_difference
from include.serving.client import ServingClient
from include.serving.errors import ServingError
from include.serving.prediction import Prediction

BAD = "bad"


class Server(ServingClient):
    """Answers half of a text's length in tenths, refuses ``BAD``, and counts requests."""

    def __init__(self, drift: float = 0.0) -> None:
        self.sizes: list[int] = []
        self.versions: list[int | None] = []
        self._drift = drift

    def predict(self, texts: Sequence[str], version: int | None = None) -> Prediction:
        self.sizes.append(len(texts))
        self.versions.append(version)
        if BAD in texts:
            raise ServingError(f"{BAD} is refused", 400)
        answers = np.array([len(text) / 20 for text in texts]) + self._drift * len(self.sizes)
        return Prediction(answers, version or 1)


def test_texts_are_sent_in_batches() -> None:
    server = Server()
    found = probe(server, 3, ["a", "bb", "ccc"], batch=2)
    assert found.probabilities == pytest.approx([0.05, 0.1, 0.15])
    assert (server.sizes, found.improper, found.refusal) == ([2, 1], 0, None)


def test_a_refused_batch_is_asked_text_by_text() -> None:
    found = probe(Server(), 3, ["a", BAD, "bb", "cc"], batch=3)
    assert np.isnan(found.probabilities).tolist() == [False, True, False, False]
    assert (found.improper, found.refusal) == (1, "the server answers 400")


def test_a_model_that_refuses_everything_is_not_asked_for_every_text() -> None:
    server = Server()
    found = probe(server, 3, [BAD] * 1000, batch=100)
    assert found.improper == 1000
    assert len(server.sizes) == 1 + REFUSALS_IN_A_ROW


def test_answers_that_change_are_noticed() -> None:
    texts = ["a", "bb", BAD]
    steady, drifting = Server(), Server(drift=0.01)
    assert repeat_difference(steady, 3, texts, probe(steady, 3, texts)) == 0
    difference = repeat_difference(drifting, 3, texts, probe(drifting, 3, texts))
    assert difference is not None
    assert difference > 0.01
    assert repeat_difference(steady, 3, [BAD], probe(steady, 3, [BAD])) is None


def test_latencies_are_taken_in_turn_after_a_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "ROUNDS", 7)
    server = Server()
    took = latencies(server, (1, 2), ["a", "b", "c"], batch=5)
    assert {version: len(taken) for version, taken in took.items()} == {1: 7, 2: 7}
    assert server.versions == [1, 2] * 8
    assert set(server.sizes) == {5}


def test_a_slow_model_is_measured_in_fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "LATENCY_SECONDS", 0.0)
    assert len(latencies(Server(), (1,), ["a"], batch=1)[1]) == probes.FEWEST_ROUNDS
