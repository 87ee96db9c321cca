"""What reading a post finds."""

from __future__ import annotations

import pytest

from include.lexicon.text_features import features


@pytest.mark.parametrize(
    "text", ["AI, today", "(AI)", "A.I. today", "ＡＩ today", "#AI today", "AI-powered", "the 'AI'"]
)
def test_the_acronym_is_found_on_word_boundaries(text: str) -> None:
    assert features(text).says_ai


@pytest.mark.parametrize("text", ["AIR INDIA", "PAIN", "j'ai", "Ai Weiwei", "https://x.ai/AI", "@AI_user"])
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert not features(text).says_ai


@pytest.mark.parametrize(
    "tag",
    [
        "MachineLearning",
        "machinelearning",
        "MACHINELEARNING",
        "MachineLearningJobs",
        "ML",
        "MLjobs",
        "100DaysOfMLCode",
    ],
)
def test_hashtag_forms_of_machine_learning(tag: str) -> None:
    assert "machine learning" in features(f"hi #{tag}").tagged


@pytest.mark.parametrize("tag", ["MLB", "html", "MLK", "email", "learning", "machine"])
def test_hashtags_that_only_look_like_it(tag: str) -> None:
    assert not features(f"hi #{tag}").tagged


def test_a_hashtag_counts_as_said_only_within_a_sentence() -> None:
    assert features("How #AI helps").says_ai
    assert features("the future of #AI").says_ai
    assert features("All #AI #startups are welcome").says_ai
    assert not features("good news #x #AI").says_ai
    assert not features("good news #AI\nRead more").says_ai
    assert not features("good news #AI via @user").says_ai


def test_case_and_handles_change_nothing_but_the_acronym() -> None:
    assert features("Deep Learning @one").spoken == features("deep learning @two").spoken == {"deep learning"}
