"""The scorer that asks a server speaking TF Serving's REST API: batches, several in flight, over kept
connections."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import httpx
import numpy as np

from include.serving.client import Prediction, ServingClient, ServingError, ServingUnavailable
from include.settings import Settings
from include.streaming.backoff import Patience
from include.streaming.scorers.adaptive_batch import Pace
from include.streaming.scorers.base import CANARY, Scores
from include.streaming.scorers.bisection import Refused, isolate
from include.streaming.workload import TfServing

REFUSALS = frozenset({200, 400, 413, 422})
"""Answers about the content of a request; 200 is one that holds no probabilities, such as NaN.
The others (404: no model loaded yet; 429, 5xx) are about the server, and pass."""


class Client(Protocol):
    """What is used of :class:`include.serving.client.ServingClient`."""

    def predict(self, texts: Sequence[str], version: int | None = None) -> Prediction: ...


class NotNow(Exception):
    """The server can't answer at this moment."""


@dataclass
class TfServingScorer:
    """Probabilities from a server, with the version that gave them.

    A text is refused only where the server refuses it alone and takes another text right after: a
    model that refuses everything, or answers with what is no probability, is an outage to wait out.
    """

    client: Client
    batch: int = 1024
    sleep: Callable[[float], object] = time.sleep
    version: int | None = None
    """Asked for by its number; none means what the client asks for by default."""
    in_flight: int = 1
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.batch)
        self._pool = ThreadPoolExecutor(self.in_flight, "score") if self.in_flight > 1 else None

    @classmethod
    def of(cls, declared: TfServing, settings: Settings, version: int | None = None) -> TfServingScorer:
        """The scorer for the settings' server. Waiting is done here, so the client asks once."""
        client = ServingClient(
            settings.model_url, settings.model_name, declared.timeout, attempts=1, label=declared.label
        )
        return cls(client, declared.batch, version=version, in_flight=declared.in_flight)

    def score(self, texts: Sequence[str], ids: Sequence[str] = ()) -> Scores:
        run = self._pool.map if self._pool else map
        return Scores.joined(list(run(self._score_batch, self._batches(texts))))

    def _batches(self, texts: Sequence[str]) -> Iterator[Sequence[str]]:
        """Parts of the present size, or a little more, so that none is left over for a small one."""
        count = max(1, round(len(texts) / self.pace.size))
        if len(texts) / count > self.batch:
            count += 1
        size, more = divmod(len(texts), count)
        start = 0
        for number in range(count):
            end = start + size + (number < more)
            yield texts[start:end]
            start = end

    def score_at_once(self, texts: Sequence[str]) -> Scores:
        """Scores of all texts, without a second try.

        Raises:
            NotNow, Refused: the server did not answer, or refused one of them.
        """
        return Scores.joined([self._request(batch) for batch in self._batches(texts)])

    def ready(self) -> str | None:
        try:
            self._request([CANARY])
        except (NotNow, Refused) as problem:
            return str(problem)
        return None

    def warm(self) -> None:
        self.ready()

    def _score_batch(self, texts: Sequence[str]) -> Scores:
        """A batch is asked for anew, whole, where its model turns out to be ill."""
        patience = Patience("the model", self.sleep)
        while True:
            try:
                return isolate(texts, self._ask, self._confirm)
            except NotNow as problem:
                patience.wait(problem)

    def _ask(self, texts: Sequence[str]) -> Scores:
        patience = Patience("the model", self.sleep)
        while True:
            try:
                return self._request(texts)
            except NotNow as problem:
                patience.wait(problem)

    def _confirm(self) -> None:
        try:
            self._request([CANARY])
        except Refused as refusal:
            raise NotNow(f"it takes no text at all: {refusal}") from refusal

    def _request(self, texts: Sequence[str]) -> Scores:
        began = time.perf_counter()
        try:
            answer = self.client.predict(texts, self.version)
        except ServingUnavailable as problem:
            if isinstance(problem.__cause__, httpx.TimeoutException):
                self.pace.unanswered()
            raise NotNow(str(problem)) from problem
        except ServingError as problem:
            if problem.status in REFUSALS:
                raise Refused(_reason(problem.status), str(problem)) from problem
            raise NotNow(str(problem)) from problem
        self.pace.answered(len(texts), time.perf_counter() - began)
        return Scores(
            np.asarray(answer.probabilities, np.float64), np.full(len(texts), answer.model_version, np.int32)
        )


def _reason(status: int) -> str:
    return "model answered no probability" if status == 200 else f"model refused it ({status})"
