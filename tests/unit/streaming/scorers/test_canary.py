"""What a canary does not answer, the stable version does."""

from __future__ import annotations

import pyarrow as pa
import pytest

from include.streaming.scorers.base import NotNow, Refused, Scores
from include.streaming.scorers.canary import CanaryScorer
from tests.support.streaming.scorers import FixedScorer, answer, numbers


class Candidate:
    """Answers as version 8, or fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure, self.asked = failure, 0

    def score_at_once(self, inputs: pa.RecordBatch) -> Scores:
        self.asked += 1
        if self.failure:
            raise self.failure
        return answer(inputs, "8", 0.8)


def test_it_answers_where_it_can() -> None:
    assert CanaryScorer(Candidate(), FixedScorer(7)).score(numbers(3)).versions.to_pylist() == ["8"] * 3


@pytest.mark.parametrize("failure", [NotNow("gone"), Refused("NaN")], ids=repr)
def test_where_it_fails_the_stable_version_answers_after_one_question(failure: Exception) -> None:
    candidate = Candidate(failure)
    scores = CanaryScorer(candidate, FixedScorer(7)).score(numbers(3))
    assert scores.versions.to_pylist() == ["7"] * 3
    assert candidate.asked == 1


def test_it_is_ready_when_the_stable_version_is() -> None:
    assert CanaryScorer(Candidate(), FixedScorer(7, why="loading")).ready() == "loading"
