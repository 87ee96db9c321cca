"""Which scorer answers, and what of the settings travels to where it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.scorers.plan import UnknownScorer, scorer_name, values_of
from include.streaming.workload import Transform

WORKLOAD = workload_named("ai_tweets", Settings(_env_file=None))
TRANSFORM = Transform(lambda messages, settings: messages)


def test_the_one_asked_for_counts_more_than_the_settings_and_they_more_than_the_first(
    settings: Settings,
) -> None:
    other = settings.model_copy(update={"stream_scorers": {"ai_tweets": "saved_model"}})
    assert scorer_name(WORKLOAD, settings) == "tf_serving"
    assert scorer_name(WORKLOAD, other) == "saved_model"
    assert scorer_name(WORKLOAD, other, "tf_serving") == "tf_serving"
    assert scorer_name(WORKLOAD, other, "") == "saved_model"


def test_the_setting_is_json_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETSIEVE_STREAM_SCORERS", '{"ai_tweets": "saved_model"}')
    assert scorer_name(WORKLOAD, Settings(_env_file=None)) == "saved_model"


def test_a_setting_for_a_workload_that_is_not_there_is_refused(settings: Settings) -> None:
    wrong = settings.model_copy(update={"stream_scorers": {"ai_tweet": "saved_model"}})
    with pytest.raises(UnknownScorer, match="STREAM_SCORERS: workload 'ai_tweet' is none of: ai_tweets"):
        scorer_name(WORKLOAD, wrong, "tf_serving")


def test_a_workload_that_transforms_has_no_scorer(settings: Settings) -> None:
    transforming = replace(WORKLOAD, decode=None, scorers={}, route=None, promoted=False, transform=TRANSFORM)
    assert scorer_name(transforming, settings) == ""
    with pytest.raises(UnknownScorer, match="'tf_serving' of workload ai_tweets is none of: none at all"):
        scorer_name(transforming, settings, "tf_serving")


@pytest.mark.parametrize("asked", ["nope", None])
def test_an_unknown_one_lists_those_there_are(asked: str | None, settings: Settings) -> None:
    wrong = settings.model_copy(update={"stream_scorers": {"ai_tweets": "nope"}})
    with pytest.raises(UnknownScorer, match="'nope' of workload ai_tweets is none of: tf_serving, saved_mod"):
        scorer_name(WORKLOAD, wrong, asked)


def test_what_depends_on_the_settings_is_taken_from_them_before_it_travels(settings: Settings) -> None:
    own = settings.model_copy(update={"model_name": "m", "serving_url": "http://models:1/"})
    assert values_of(WORKLOAD.scorers["tf_serving"], own) == {"model": "m", "url": "http://models:1"}
    assert values_of(WORKLOAD.scorers["saved_model"], own) == {"model": "m"}
