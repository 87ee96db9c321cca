"""Batches to a model behind a network: what is refused, and what is waited out."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest

from include.streaming.scorers.base import NotNow, Refused, Scores
from include.streaming.scorers.remote import RemoteScorer
from tests.support.streaming.scorers import PROBABILITY, answer, numbers, probabilities, texts

PROBE = "probe"


class Model:
    """Answers 0.25 for each text; ``troubles`` are raised one per request first."""

    def __init__(self, poison: Sequence[str] = (), troubles: Sequence[Exception] = ()) -> None:
        self.poison, self.troubles = set(poison), list(troubles)
        self.requests: list[int] = []

    def ask(self, inputs: pa.RecordBatch) -> Scores:
        self.requests.append(inputs.num_rows)
        if self.troubles:
            raise self.troubles.pop(0)
        if "*" in self.poison or self.poison & {*inputs.column("text").to_pylist()}:
            raise Refused("model refused it (400)")
        return answer(inputs, "7", 0.25)


def scorer(model: Model, batch: int = 64) -> tuple[RemoteScorer, list[float]]:
    slept: list[float] = []
    return RemoteScorer(model, texts(PROBE), PROBABILITY, batch, sleep=slept.append), slept


def test_poisonous_texts_are_isolated_in_several_batches_and_the_rest_scored() -> None:
    bad = [0, 1, 63, 64, 99]
    model = Model(poison=[str(number) for number in bad])
    scores = scorer(model)[0].score(numbers(100))
    assert scores.refused == dict.fromkeys(bad, "model refused it (400)")
    assert probabilities(scores) == [None if number in bad else 0.25 for number in range(100)]
    assert max(model.requests) <= 64


@pytest.mark.parametrize("timed_out", [False, True])
def test_an_outage_is_waited_out_and_refuses_nothing(timed_out: bool) -> None:
    scoring, slept = scorer(Model(troubles=[NotNow("gone", timed_out=timed_out)] * 5), batch=1024)
    before = scoring.size.rows
    assert not scoring.score(texts("a", "b")).refused
    assert len(slept) == 5
    assert slept[4] > slept[0]
    assert (scoring.size.rows < before) is timed_out, "only what takes too long asks for smaller requests"


def test_a_model_that_refuses_everything_is_an_outage_not_a_flood_of_dead_letters() -> None:
    model = Model(poison=["*"])
    scoring, slept = scorer(model)

    def repair(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            model.poison = set()

    scoring.sleep = repair
    assert not scoring.score(numbers(64)).refused
    assert len(slept) == 3


def test_ready_tells_why_not() -> None:
    assert scorer(Model())[0].ready() is None
    assert "gone" in (scorer(Model(troubles=[NotNow("gone")]))[0].ready() or "")
    assert scorer(Model(poison=[PROBE]))[0].ready() is not None


@pytest.mark.parametrize("trouble", [NotNow("gone"), Refused("no")])
def test_at_once_means_without_a_second_try(trouble: Exception) -> None:
    model = Model(troubles=[trouble])
    with pytest.raises(type(trouble)):
        scorer(model)[0].score_at_once(numbers(3))
    assert len(model.requests) == 1
    assert probabilities(scorer(model)[0].score_at_once(numbers(3))) == [0.25] * 3


def test_requests_in_flight_keep_the_order() -> None:
    class Echo:
        def ask(self, inputs: pa.RecordBatch) -> Scores:
            return answer(inputs, "7", [float(text) for text in inputs.column("text").to_pylist()])

    scoring = RemoteScorer(Echo(), texts(PROBE), PROBABILITY, batch=10, in_flight=4)
    assert probabilities(scoring.score(numbers(500))) == [float(number) for number in range(500)]
