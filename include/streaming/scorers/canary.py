"""Scoring by two versions: a canary's share of the posts, by the hash of their ids, and the rest."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from include.serving.canary_window import CanaryWindow
from include.settings import Settings
from include.streaming.scorers.base import Scorer, Scores
from include.streaming.scorers.bisection import Refused
from include.streaming.scorers.tf_serving import NotNow, TfServingScorer
from include.streaming.scorers.traffic_split import SharedScorer
from include.streaming.workload import ScorerChoice, TfServing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CanaryScorer:
    """A version on trial: what it does not answer at once the stable one does.

    A canary that fails costs no post, and no wait.
    """

    canary: TfServingScorer
    stable: Scorer

    def score(self, texts: Sequence[str], ids: Sequence[str] = ()) -> Scores:
        try:
            return self.canary.score_at_once(texts)
        except (NotNow, Refused) as problem:
            log.warning("the canary did not answer, the stable version does: %s", problem)
            return self.stable.score(texts, ids)

    def ready(self) -> str | None:
        return self.stable.ready()

    def warm(self) -> None:
        self.stable.warm()


def with_canary(
    stable: Scorer, declared: ScorerChoice, settings: Settings, window: CanaryWindow | None
) -> Scorer:
    """The scorer of a batch; a model inside the worker has no canary."""
    if window is None or not isinstance(declared, TfServing):
        return stable
    canary = CanaryScorer(_canary(declared, settings, window.version), stable)
    return SharedScorer((canary, stable), (window.share, 1 - window.share))


_canaries: dict[object, TfServingScorer] = {}


def _canary(declared: TfServing, settings: Settings, version: int) -> TfServingScorer:
    """The one of this process, kept from batch to batch."""
    key = (declared, settings.model_url, settings.model_name, version)
    if key not in _canaries:
        _canaries[key] = TfServingScorer.of(declared, settings, version)
    return _canaries[key]
