from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from include.streaming.scorers.base import Scores
from include.streaming.scorers.traffic_split import SharedScorer
from include.streaming.traffic_shares import BadShares, share_of
from include.streaming.workload import Split, TfServing


@dataclass
class Version:
    """Answers with its own number; refuses 'poison'."""

    number: int
    why: str | None = None

    def score(self, texts: Sequence[str], ids: Sequence[str] = ()) -> Scores:
        refused = {index: f"v{self.number}" for index, text in enumerate(texts) if text == "poison"}
        return Scores(
            np.full(len(texts), self.number / 10), np.full(len(texts), self.number, np.int32), refused
        )

    def ready(self) -> str | None:
        return self.why


SHARES = (0.2, 0.8)
IDS = [str(number) for number in range(500)]


def test_every_post_is_scored_by_the_version_its_id_chooses() -> None:
    texts = ["poison" if number % 50 == 0 else f"t{number}" for number in range(500)]
    scores = SharedScorer((Version(1), Version(2)), SHARES).score(texts, IDS)
    expected = [1 + share_of(post, SHARES) for post in IDS]
    assert scores.model_versions.tolist() == expected
    assert scores.probabilities.tolist() == [version / 10 for version in expected]
    assert scores.refused == {row: f"v{expected[row]}" for row in range(0, 500, 50)}
    assert 0.1 < expected.count(1) / 500 < 0.3


def test_it_is_ready_when_all_are_and_needs_ids() -> None:
    split = SharedScorer((Version(1), Version(2, "loading")), SHARES)
    assert split.ready() == "loading"
    with pytest.raises(ValueError, match="2 texts with 0 ids"):
        split.score(["a", "b"])


def test_a_declaration_with_shares_that_are_none_is_refused() -> None:
    with pytest.raises(BadShares):
        Split(((TfServing(), 0.5), (TfServing(label="canary"), 0.6)))
