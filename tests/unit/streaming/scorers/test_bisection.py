from __future__ import annotations

import math

import pyarrow as pa
import pytest

from include.streaming.scorers.base import Refused, Scores
from include.streaming.scorers.bisection import isolate
from tests.support.streaming.scorers import PROBABILITY, answer, numbers, probabilities


@pytest.mark.parametrize("bad", [{"1023"}, {"0", "1", "511", "512"}, set()])
def test_bad_rows_are_found_and_the_rest_answered(bad: set[str]) -> None:
    asked = []

    def ask(inputs: pa.RecordBatch) -> Scores:
        asked.append(inputs.num_rows)
        if bad & {*inputs.column("text").to_pylist()}:
            raise Refused("bad text")
        return answer(inputs, "7", [float(text) for text in inputs.column("text").to_pylist()])

    scores = isolate(numbers(1024), ask, PROBABILITY)
    assert scores.refused == {int(text): "bad text" for text in bad}
    expected = [None if str(number) in bad else float(number) for number in range(1024)]
    assert probabilities(scores) == expected
    assert scores.versions.to_pylist() == [None if value is None else "7" for value in expected]
    assert len(asked) <= 1 + len(bad) * (2 * math.log2(1024) + 1)


def test_a_row_refused_by_chance_is_answered_after_all() -> None:
    refusals = [Refused("chance")]

    def ask(inputs: pa.RecordBatch) -> Scores:
        if refusals:
            raise refusals.pop()
        return answer(inputs, "7", 0.5)

    assert not isolate(numbers(1), ask, PROBABILITY).refused
