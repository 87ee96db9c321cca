"""Several scorers that share the traffic, as a canary and the version it may replace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from include.streaming.scorers.base import Scorer, Scores
from include.streaming.traffic_shares import shares_of


@dataclass(frozen=True)
class SharedScorer:
    """Each post goes to the one scorer that the hash of its id chooses, however often it is done."""

    scorers: tuple[Scorer, ...]
    shares: tuple[float, ...]

    def score(self, texts: Sequence[str], ids: Sequence[str] = ()) -> Scores:
        """Raises ValueError where a text comes without the id of its post."""
        if len(ids) != len(texts):
            raise ValueError(f"{len(texts)} texts with {len(ids)} ids: the ids decide which scorer is asked")
        chosen = shares_of(ids, self.shares)
        probabilities, versions = np.zeros(len(texts)), np.zeros(len(texts), np.int32)
        refused: dict[int, str] = {}
        for number, scorer in enumerate(self.scorers):
            rows = np.flatnonzero(chosen == number).tolist()
            if not rows:
                continue
            scores = scorer.score([texts[row] for row in rows], [ids[row] for row in rows])
            probabilities[rows], versions[rows] = scores.probabilities, scores.model_versions
            refused |= {rows[index]: reason for index, reason in scores.refused.items()}
        return Scores(probabilities, versions, refused)

    def ready(self) -> str | None:
        """All of them have to be: a share of the posts would wait otherwise."""
        return next((why for scorer in self.scorers if (why := scorer.ready())), None)

    def warm(self) -> None:
        for scorer in self.scorers:
            scorer.warm()
