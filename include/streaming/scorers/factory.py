"""From a workload's declared scorers to the scorers themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from include.serving.canary_window import CanaryWindow
from include.settings import Settings
from include.streaming.python_workers import spare_the_collector
from include.streaming.scorer_choices import HttpJson, InProcess, SavedModel, TfServing
from include.streaming.scorers.base import Scorer
from include.streaming.scorers.canary import CanaryScorer, ImmediateScorer
from include.streaming.scorers.http_json import http_json_scorer
from include.streaming.scorers.in_process import InProcessScorer
from include.streaming.scorers.plan import ScorerPlan
from include.streaming.scorers.tf_serving import tf_serving_scorer
from include.streaming.scorers.traffic_split import TrafficSplit
from include.streaming.workload import Workload


def make_scorer(
    workload: Workload, name: str, values: Mapping[str, Any], settings: Settings, version: int | None = None
) -> Scorer:
    """The scorer of that name; TensorFlow is imported only where it is in use.

    Args:
        values: what its declaration takes from the settings; see :class:`ScorerPlan`.
        version: of the model; None means the one in service.
    """
    declared = workload.scorers[name]
    match declared:
        case TfServing():
            return tf_serving_scorer(declared, values, version)
        case HttpJson():
            return http_json_scorer(declared, values)
        case InProcess():
            return InProcessScorer(declared, values)
        case SavedModel():
            from include.streaming.scorers.saved_model import SavedModelScorer

            return SavedModelScorer(declared, values, settings, promoted=workload.promoted, version=version)


class _Key(NamedTuple):
    """What tells one scorer of this process from another."""

    workload: str
    name: str
    version: int | None
    values: str
    folders: tuple[Any, ...]


_kept: dict[_Key, Scorer] = {}


def kept_scorer(
    workload: Workload, name: str, values: Mapping[str, Any], settings: Settings, version: int | None = None
) -> Scorer:
    """The one scorer of its kind in this process, with its connections and its loaded model."""
    folders = (settings.models_dir, settings.serving_dir, settings.promotion_target)
    key = _Key(workload.name, name, version, repr(sorted(values.items())), folders)
    if key not in _kept:
        _kept[key] = make_scorer(workload, name, values, settings, version)
        spare_the_collector()
    return _kept[key]


def scorers_of(
    workload: Workload, plan: ScorerPlan, settings: Settings, get: Callable[..., Scorer] = kept_scorer
) -> TrafficSplit:
    """The scorers that answer a batch, each with its share of it.

    Args:
        get: :func:`kept_scorer`, or :func:`make_scorer` for new ones.
    """
    scorers = [get(workload, name, plan.values[name], settings) for name in plan.shares]
    _drop_canaries(workload.name, plan.canary)
    if plan.canary is None:
        return TrafficSplit(tuple(scorers), tuple(plan.shares.values()))
    (name,), (stable,), window = plan.shares, scorers, plan.canary
    candidate = get(workload, name, plan.values[name], settings, window.version)
    canary = CanaryScorer(cast("ImmediateScorer", candidate), stable)
    return TrafficSplit((canary, stable), (window.share, 1 - window.share))


def _drop_canaries(workload: str, window: CanaryWindow | None) -> None:
    """Let go of versions that were on trial and are no longer: a model takes memory."""
    on_trial = None if window is None else window.version
    for key in [key for key in _kept if key.workload == workload and key.version not in (None, on_trial)]:
        del _kept[key]
