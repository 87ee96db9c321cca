from __future__ import annotations

import pyarrow as pa
import pytest

from include.streaming.scorers.traffic_split import TrafficSplit
from include.streaming.traffic_shares import share_of
from tests.support.streaming.scorers import FixedScorer, numbers, probabilities, texts

SHARES = (0.2, 0.8)
KEYS = pa.array([str(number) for number in range(500)])


def test_every_row_is_scored_by_the_version_its_key_chooses() -> None:
    inputs = texts(*("poison" if number % 50 == 0 else f"t{number}" for number in range(500)))
    scores = TrafficSplit((FixedScorer(1, 0.1), FixedScorer(2, 0.2)), SHARES).score(inputs, KEYS)
    expected = [1 + share_of(key, SHARES) for key in KEYS.to_pylist()]
    assert scores.refused == {row: f"v{expected[row]} refused it" for row in range(0, 500, 50)}
    assert scores.versions.to_pylist() == [
        None if row in scores.refused else str(version) for row, version in enumerate(expected)
    ]
    assert probabilities(scores) == [
        None if row in scores.refused else version / 10 for row, version in enumerate(expected)
    ]
    assert 0.1 < expected.count(1) / 500 < 0.3


def test_binary_keys_choose_as_the_same_text_does() -> None:
    split = TrafficSplit((FixedScorer(1), FixedScorer(2)), SHARES)
    by_text = split.score(numbers(500), KEYS).versions
    assert split.score(numbers(500), KEYS.cast(pa.binary())).versions.equals(by_text)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_few_rows(rows: int) -> None:
    split = TrafficSplit((FixedScorer(1), FixedScorer(2)), SHARES)
    assert len(split.score(numbers(rows), KEYS[:rows])) == rows


def test_it_is_ready_when_all_are_and_needs_keys() -> None:
    split = TrafficSplit((FixedScorer(1), FixedScorer(2, why="loading")), SHARES)
    assert split.ready() == "loading"
    with pytest.raises(ValueError, match="2 rows with 0 keys"):
        split.score(numbers(2), KEYS[:0])


def test_a_single_scorer_gets_the_batch_as_it_is() -> None:
    scores = TrafficSplit((FixedScorer(4),), (1.0,)).score(numbers(3), KEYS[:0])
    assert scores.versions.to_pylist() == ["4"] * 3
