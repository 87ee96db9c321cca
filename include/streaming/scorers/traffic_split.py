"""Several scorers that share the traffic, such as a canary and the version it may replace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from include.streaming.scorers.base import Scorer, Scores
from include.streaming.traffic_shares import shares_of


@dataclass(frozen=True)
class TrafficSplit:
    """Each message goes to the one scorer that the hash of its key chooses, however often it is processed."""

    scorers: tuple[Scorer, ...]
    shares: tuple[float, ...]

    def score(self, inputs: pa.RecordBatch, keys: pa.Array) -> Scores:
        """The scorers' answers, in the order of the inputs (at least one row).

        Args:
            keys: text or binary, one for each row; not read where there is only one scorer.

        Raises:
            ValueError: there is not one key for each row.
        """
        if len(self.scorers) == 1:
            return self.scorers[0].score(inputs)
        if len(keys) != inputs.num_rows:
            raise ValueError(f"{inputs.num_rows} rows with {len(keys)} keys: the keys decide who is asked")
        chosen = shares_of(keys.cast(pa.binary()).to_pylist(), self.shares)
        rows = [np.flatnonzero(chosen == number) for number in range(len(self.scorers))]
        answers = [
            scorer.score(inputs.take(pa.array(mine)))
            for scorer, mine in zip(self.scorers, rows, strict=True)
            if len(mine)
        ]
        return Scores.joined(answers).take(np.argsort(np.concatenate(rows), kind="stable"))

    def ready(self) -> str | None:
        """Why one of them can't score, or None: a share of the messages would wait for it."""
        return next((why for scorer in self.scorers if (why := scorer.ready())), None)

    def warm(self) -> None:
        for scorer in self.scorers:
            scorer.warm()
