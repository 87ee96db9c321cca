"""Which scorer answers, and what of the settings travels to where it does."""

from __future__ import annotations

import pytest

from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.scorers.scoring import UnknownScorer, scorer_name, values_of

WORKLOAD = workload_named("ai_tweets", Settings(_env_file=None))


def test_the_one_asked_for_counts_more_than_the_settings_and_they_more_than_the_first(
    settings: Settings,
) -> None:
    other = settings.model_copy(update={"scorers": {"ai_tweets": "saved_model", "w": "none"}})
    assert scorer_name(WORKLOAD, settings) == "tf_serving"
    assert scorer_name(WORKLOAD, other) == "saved_model"
    assert scorer_name(WORKLOAD, other, "tf_serving") == "tf_serving"


@pytest.mark.parametrize("asked", ["nope", None])
def test_an_unknown_one_lists_those_there_are(asked: str | None, settings: Settings) -> None:
    wrong = settings.model_copy(update={"scorers": {"ai_tweets": "nope"}})
    with pytest.raises(UnknownScorer, match="'nope' of workload ai_tweets is none of: tf_serving, saved_mod"):
        scorer_name(WORKLOAD, wrong, asked)


def test_what_depends_on_the_settings_is_taken_from_them_before_it_travels(settings: Settings) -> None:
    own = settings.model_copy(update={"model_name": "m", "serving_url": "http://models:1/"})
    assert values_of(WORKLOAD.scorers["tf_serving"], own) == {"model": "m", "url": "http://models:1"}
    assert values_of(WORKLOAD.scorers["saved_model"], own) == {"model": "m"}
