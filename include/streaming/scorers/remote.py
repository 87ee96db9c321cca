"""Scoring by a model behind a network: batches, several requests in flight, outages waited out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pyarrow as pa

from include.streaming.backoff import Patience
from include.streaming.scorers.adaptive_batch import AdaptiveBatch
from include.streaming.scorers.base import Endpoint, NotNow, Refused, Scores
from include.streaming.scorers.bisection import isolate


@dataclass
class RemoteScorer:
    """Asks an endpoint for all rows, however long that takes.

    A row is refused only where the model refuses it alone and takes the probe right after: a model that
    refuses everything, or answers nothing usable, is an outage to wait out.

    Attributes:
        probe: one row that the model always answers.
        types: of the outputs by name.
        batch: rows per request, at most.
        in_flight: requests under way at once, at most.
    """

    endpoint: Endpoint
    probe: pa.RecordBatch
    types: Mapping[str, pa.DataType]
    batch: int = 1024
    in_flight: int = 1
    sleep: Callable[[float], object] = time.sleep
    size: AdaptiveBatch = field(init=False)

    def __post_init__(self) -> None:
        self.size = AdaptiveBatch(self.batch)
        self._pool = ThreadPoolExecutor(self.in_flight, "score") if self.in_flight > 1 else None

    def score(self, inputs: pa.RecordBatch) -> Scores:
        run = self._pool.map if self._pool else map
        return Scores.joined(list(run(self._score_batch, self._batches(inputs))))

    def score_at_once(self, inputs: pa.RecordBatch) -> Scores:
        """Scores of all rows, without a second try.

        Raises:
            NotNow, Refused: no answer, or one of the rows was refused.
        """
        return Scores.joined([self._request(batch) for batch in self._batches(inputs)])

    def ready(self) -> str | None:
        try:
            self._request(self.probe)
        except (NotNow, Refused) as problem:
            return str(problem)
        return None

    def warm(self) -> None:
        self.ready()

    def _batches(self, inputs: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Parts of the present size, or a little more, so that no small one is left over."""
        rows = inputs.num_rows
        count = max(1, round(rows / self.size.rows))
        if rows / count > self.batch:
            count += 1
        size, more = divmod(rows, count)
        start = 0
        for number in range(count):
            length = size + (number < more)
            yield inputs.slice(start, length)
            start += length

    def _score_batch(self, inputs: pa.RecordBatch) -> Scores:
        """A batch is asked for again, whole, where its model turns out to be down."""
        patience = Patience("the model", self.sleep)
        while True:
            try:
                return isolate(inputs, self._ask, self.types, self._confirm)
            except NotNow as problem:
                patience.wait(problem)

    def _ask(self, inputs: pa.RecordBatch) -> Scores:
        patience = Patience("the model", self.sleep)
        while True:
            try:
                return self._request(inputs)
            except NotNow as problem:
                patience.wait(problem)

    def _confirm(self) -> None:
        try:
            self._request(self.probe)
        except Refused as refusal:
            raise NotNow(f"it takes no row at all: {refusal}") from refusal

    def _request(self, inputs: pa.RecordBatch) -> Scores:
        began = time.perf_counter()
        try:
            answer = self.endpoint.ask(inputs)
        except NotNow as problem:
            if problem.timed_out:
                self.size.unanswered()
            raise
        self.size.answered(inputs.num_rows, time.perf_counter() - began)
        return answer
