"""From a workload's declared scorer to the scorer itself."""

from __future__ import annotations

from include.settings import Settings
from include.streaming.python_workers import spare_the_collector
from include.streaming.scorers.base import Scorer
from include.streaming.scorers.tf_serving import TfServingScorer
from include.streaming.scorers.traffic_split import SharedScorer
from include.streaming.workload import ScorerChoice, Split, TfServing


def make_scorer(declared: ScorerChoice, settings: Settings) -> Scorer:
    """The scorer of a workload's declaration; TensorFlow is imported only where it is in use."""
    if isinstance(declared, TfServing):
        return TfServingScorer.of(declared, settings)
    if isinstance(declared, Split):
        scorers, shares = zip(*declared.parts, strict=True)
        return SharedScorer(tuple(make_scorer(scorer, settings) for scorer in scorers), shares)
    from include.streaming.scorers.saved_model import SavedModelScorer

    return SavedModelScorer(declared, settings)


_scorers: dict[object, Scorer] = {}


def worker_scorer(declared: ScorerChoice, settings: Settings) -> Scorer:
    """The one scorer of this process, kept from batch to batch: its connections, its loaded model."""
    key = (declared, settings.model_url, settings.serving_dir, settings.model_name)
    if key not in _scorers:
        _scorers[key] = make_scorer(declared, settings)
        spare_the_collector()
    return _scorers[key]
