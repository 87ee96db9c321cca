"""Scoring by two versions: a canary's share of the posts, by the hash of their ids, and the rest."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from include.promotion.traffic import CanaryWindow
from include.settings import Settings
from include.streaming.scorers.base import Scorer, Scores
from include.streaming.scorers.isolation import Refused
from include.streaming.scorers.tf_serving import NotNow, TfServingScorer
from include.streaming.shares import shares_of
from include.streaming.workloads import ScorerChoice, TfServing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SplitScorer:
    """The stable scorer, and the canary's with its share.

    A post goes to the same version whenever it is scored while the share is the same. What the canary does
    not answer at once the stable version does: a canary that fails costs no post, and no wait.
    """

    stable: Scorer
    canary: TfServingScorer
    share: float

    def score(self, texts: Sequence[str], ids: Sequence[str] = ()) -> Scores:
        """Scores of all texts, in their order; each carries the version that answered."""
        chosen = shares_of(ids, (self.share, 1 - self.share)) == 0
        first = [text for text, one in zip(texts, chosen, strict=True) if one]
        rest = [text for text, one in zip(texts, chosen, strict=True) if not one]
        parts = [self._by_canary(first)] if first else []
        parts += [self.stable.score(rest)] if rest else []
        return reordered(
            Scores.joined(parts), np.concatenate([np.flatnonzero(chosen), np.flatnonzero(~chosen)])
        )

    def ready(self) -> str | None:
        return self.stable.ready()

    def warm(self) -> None:
        self.stable.warm()

    def _by_canary(self, texts: Sequence[str]) -> Scores:
        try:
            return self.canary.score_at_once(texts)
        except (NotNow, Refused) as problem:
            log.warning("the canary did not answer, the stable version does: %s", problem)
            return self.stable.score(texts)


def reordered(scores: Scores, places: np.ndarray) -> Scores:
    """Scores of which the i-th belongs at ``places[i]``.

    >>> reordered(Scores(np.array([0.1, 0.2]), np.array([1, 2]), {0: "no"}), np.array([1, 0])).refused
    {1: 'no'}
    """
    probabilities, versions = np.empty_like(scores.probabilities), np.empty_like(scores.model_versions)
    probabilities[places], versions[places] = scores.probabilities, scores.model_versions
    return Scores(probabilities, versions, {int(places[i]): reason for i, reason in scores.refused.items()})


def with_canary(
    stable: Scorer, declared: ScorerChoice, settings: Settings, window: CanaryWindow | None
) -> Scorer:
    """The scorer of a batch; a model inside the worker has no canary."""
    if window is None or not isinstance(declared, TfServing):
        return stable
    return SplitScorer(stable, _canary(declared, settings, window.version), window.share)


_canaries: dict[object, TfServingScorer] = {}


def _canary(declared: TfServing, settings: Settings, version: int) -> TfServingScorer:
    """The one of this process, kept from batch to batch."""
    key = (declared, settings.model_url, settings.model_name, version)
    if key not in _canaries:
        _canaries[key] = TfServingScorer.of(declared, settings, version)
    return _canaries[key]
