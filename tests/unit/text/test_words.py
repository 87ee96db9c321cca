"""Hashtags of every script, by one rule wherever they are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.lexicon.text_features import features
from include.posts.fields import tags_in, unique_tags
from include.text.letters import folded, plain
from include.text.words import hashtags
from tests.support.faults import lines_that_went_wrong

ONE_TAG = [
    ("#हिन्दी", "हिन्दी"),
    ("#বাংলা,", "বাংলা"),
    ("#മലയാളം।", "മലയാളം"),
    ("#العَرَبِيَّة؟", "العَرَبِيَّة"),
    ("#cafe\u0301s!", "cafe\u0301s"),
    ("#データ。", "データ"),
    ("#ไทยแลนด์", "ไทยแลนด์"),
    ("#தமிழ்நாடு", "தமிழ்நாடு"),
    ("#မြန်မာ", "မြန်မာ"),
    ("#ខ្មែរ", "ខ្មែរ"),
    ("#עִבְרִית", "עִבְרִית"),
    ("#𞤀𞤁𞤂𞤢𞤃\U0001e944", "𞤀𞤁𞤂𞤢𞤃\U0001e944"),
    ("＃ＡＩ", "ＡＩ"),
    ("﹟AI", "AI"),
    ("#می\u200cخواهم", "می\u200cخواهم"),
    ("#ක්\u200dෂේත්\u200dර", "ක්\u200dෂේත්\u200dර"),
    ("#ma\u00adchine", "machine"),
    ("#2nd_try", "2nd_try"),
    ("#_x", "_x"),
    ("#AI🔥", "AI"),
    ("#don't", "don"),
    ("#AI-powered", "AI"),
    ("(#AI)", "AI"),
    ("「#AI」", "AI"),
    ("#AI#ML", "AI"),
    ("##AI", "AI"),
]


@pytest.mark.parametrize(("text", "tag"), ONE_TAG)
def test_a_hashtag_is_whole(text: str, tag: str) -> None:
    assert tags_in(text)[:1] == [tag]
    assert hashtags(plain(text))[:1] == [plain(tag)]
    assert features(text).tags[:1] == (folded(tag),)


@pytest.mark.parametrize(
    "text",
    [
        "#1",
        "#2020",
        "#_",
        "#1_000",
        "＃１２",
        "#٢٠٢٠",
        "# AI",
        "#",
        "#🔥",
        "#️⃣",
        "#-AI",
        "#।",
        "https://a.example/?x=1#AI",
        "https://a.example/#AI",
    ],
)
def test_no_hashtag(text: str) -> None:
    assert tags_in(text) == []
    assert hashtags(plain(text)) == []
    assert features(text).tags == ()


@pytest.mark.parametrize("text", ["a#b", "&#39;", "é#b", "हि#b", "1#b", "/#b"])
def test_what_is_stored_as_a_hashtag_begins_no_word_in_its_middle(text: str) -> None:
    assert tags_in(text) == []


def test_one_hashtag_in_several_letters_is_one_as_first_written() -> None:
    assert unique_tags(["ＡＩ", "AI", "ai", "𝐀𝐈", "café", "cafe\u0301", "Straße", "STRASSE"]) == (
        "ＡＩ",
        "café",
        "Straße",
    )


@settings(max_examples=300)
@given(
    st.text(max_size=30) | st.text(st.sampled_from("#＃aé\u0301ि\u200c\u00ad1_ 🔥ＡI·\ud83d&/"), max_size=16)
)
def test_hashtags_of_any_text_are_words_of_their_own(text: str) -> None:
    for tag in tags_in(text):
        assert tags_in(f"#{tag}") == [tag]
        assert any(character.isalpha() or not character.isascii() for character in tag)
    assert set(features(text).tags) == {tag.casefold() for tag in hashtags(plain(text))}


def test_inputs_that_went_wrong(real_data: Path) -> None:
    found = [
        list(map(plain, tags_in(line)))
        for line in lines_that_went_wrong(real_data, "hashtags-with-combining-marks")
    ]
    assert found == [["हिन्दी"], ["বাংলা"], ["മലയാളം"], ["العَرَبِيَّة"], ["café"], ["データ"]]
