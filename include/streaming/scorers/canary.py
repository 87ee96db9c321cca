"""A canary: the new version answers a share of the messages, and the stable one where the new one fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from include.streaming.scorers.base import NotNow, Refused, Scorer, Scores

log = logging.getLogger(__name__)


class ImmediateScorer(Protocol):
    """A scorer that can be asked without waiting."""

    def score_at_once(self, inputs: pa.RecordBatch) -> Scores: ...


@dataclass(frozen=True)
class CanaryScorer:
    """A version on trial. Where it does not answer at once, the stable one does: a canary that fails costs
    no message, and no wait.
    """

    canary: ImmediateScorer
    stable: Scorer

    def score(self, inputs: pa.RecordBatch) -> Scores:
        try:
            return self.canary.score_at_once(inputs)
        except (NotNow, Refused) as problem:
            log.warning("the canary did not answer, the stable version does: %s", problem)
            return self.stable.score(inputs)

    def ready(self) -> str | None:
        return self.stable.ready()

    def warm(self) -> None:
        self.stable.warm()
