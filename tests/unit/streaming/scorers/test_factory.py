"""From a plan to scorers: who gets a share, and which of them this process keeps."""

from __future__ import annotations

from typing import Any

import pytest

from include.serving.canary_window import CanaryWindow
from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.scorers import factory
from include.streaming.scorers.canary import CanaryScorer
from include.streaming.scorers.factory import scorers_of
from include.streaming.scorers.plan import ScorerPlan, values_of
from include.streaming.scorers.remote import RemoteScorer
from include.streaming.scorers.tf_serving import TfServingEndpoint

WORKLOAD = workload_named("ai_tweets", Settings(_env_file=None))


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "_kept", {})
    monkeypatch.setattr(factory, "spare_the_collector", lambda: None)


def plan(settings: Settings, scorer: str, version: int | None = None) -> ScorerPlan:
    values = {scorer: values_of(WORKLOAD.scorers[scorer], settings)}
    return ScorerPlan({scorer: 1.0}, values, None if version is None else CanaryWindow(version, 0.3))


@pytest.mark.parametrize(
    ("scorer", "kind"),
    [
        ("tf_serving", "RemoteScorer"),
        pytest.param("saved_model", "SavedModelScorer", marks=pytest.mark.learning),  # imports TensorFlow
    ],
)
def test_a_canary_gets_its_share_whichever_scorer_is_in_use(
    scorer: str, kind: str, settings: Settings
) -> None:
    split = scorers_of(WORKLOAD, plan(settings, scorer, version=8), settings)
    canary, stable = split.scorers
    assert isinstance(canary, CanaryScorer)
    assert type(canary.canary).__name__ == kind
    assert canary.stable is stable
    assert split.shares == (0.3, 0.7)
    assert version_of(canary.canary) == 8
    assert version_of(stable) is None


def version_of(scorer: Any) -> int | None:
    """Asked for by its number; None where that is promotion's business."""
    if isinstance(scorer, RemoteScorer):
        assert isinstance(scorer.endpoint, TfServingEndpoint)
        return scorer.endpoint.version
    return scorer._fixed


def test_a_scorer_is_kept_from_batch_to_batch_and_a_canary_as_long_as_it_is_one(settings: Settings) -> None:
    (stable,) = scorers_of(WORKLOAD, plan(settings, "tf_serving"), settings).scorers
    first, same = scorers_of(WORKLOAD, plan(settings, "tf_serving", version=8), settings).scorers
    again, _ = scorers_of(WORKLOAD, plan(settings, "tf_serving", version=8), settings).scorers
    assert same is stable
    assert again.canary is first.canary  # type: ignore[attr-defined]
    scorers_of(WORKLOAD, plan(settings, "tf_serving"), settings)
    assert [key.version for key in factory._kept] == [None]


def test_other_settings_are_another_scorer(settings: Settings) -> None:
    other = settings.model_copy(update={"serving_url": "http://elsewhere:1"})
    (one,) = scorers_of(WORKLOAD, plan(settings, "tf_serving"), settings).scorers
    (two,) = scorers_of(WORKLOAD, plan(other, "tf_serving"), other).scorers
    assert one is not two
