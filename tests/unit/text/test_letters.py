"""One text for all rules, whatever letters it is written in."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.labelling.votes import votes
from include.lexicon.keywords import matched_keywords
from include.lexicon.text_features import features
from include.posts.text import text_hash
from include.text.letters import MOST_MARKS, folded, letters, plain, unescape
from tests.support.faults import lines_that_went_wrong

ONE_TEXT = [
    ("ＡＩを活用した機械学習", "AIを活用した機械学習"),
    ("How ＃ＡＩ helps banks", "How #AI helps banks"),
    ("𝗠𝗮𝗰𝗵𝗶𝗻𝗲 𝗟𝗲𝗮𝗿𝗻𝗶𝗻𝗴 in ten steps", "Machine Learning in ten steps"),
    ("𝐀𝐈, 𝔸𝕀, 𝒜ℐ, ⒶⒾ, 🄰🄸, ᴬᴵ", "AI, AI, AI, AI, AI, AI"),
    ("machine\u2011learning \u2013 machine\u2212learning", "machine-learning - machine-learning"),
    ("machine\xa0learning\u2003and\u3000deep\u202flearning", "machine learning and deep learning"),
    ("ma\u00adchine lear\u200dning and A\ufeffI", "machine learning and AI"),
    ("machine\u200blearning", "machine learning"),
    ("\u202aAI\u202c \u2066deep learning\u2069", "AI deep learning"),
    ("a\ufe0fi and A\u034fI", "ai and AI"),
    ("deep \u200d\ufe0f\u2060 learning", "deep learning"),
    ("&#65;I &amp; data&nbsp;science, &#xFF21;I", "AI & data science, AI"),
    ("ﬁve neural networks", "five neural networks"),
    ("cafe\u0301 AI", "café AI"),
    ("j\u2019ai j\u02bcai j\u2018ai j＇ai", "j'ai j'ai j'ai j'ai"),
    ("´AI´ ¨AI¨ j´ai j\u1fbfai", "'AI' AI j'ai j'ai"),
    ("machine\u058alearning, deep\u2043learning, big\u30a0data", "machine-learning, deep-learning, big-data"),
    ("ＧＰＴ－４ and ＣｈａｔＧＰＴ", "GPT-4 and ChatGPT"),
    ("＠user １０ ｍｌ ＡＩ ８４０", "@user 10 ml AI 840"),
    ("#ＭａｃｈｉｎｅＬｅａｒｎｉｎｇ #𝐁𝐢𝐠𝐃𝐚𝐭𝐚", "#MachineLearning #BigData"),
    ("ﾃﾞｰﾀ ｻｲｴﾝｽ", "データ サイエンス"),
]


@pytest.mark.parametrize(("one", "other"), ONE_TEXT)
def test_spellings_of_one_text_are_read_alike_by_every_rule(one: str, other: str) -> None:
    assert text_hash(one) == text_hash(other)
    assert matched_keywords(one) == matched_keywords(other)
    assert np.array_equal(votes([one]), votes([other]))
    first, second = features(one), features(other)
    assert first.words == second.words
    assert (first.tags, first.acronyms) == (second.tags, second.acronyms)
    assert (first.subjects, first.context) == (second.subjects, second.context)


@pytest.mark.parametrize("text", ["𝐀𝐈 news", "ＡＩ news", "#𝐀𝐈 news", "A\u200dI news", "the ⒶⒾ"])
def test_letters_alone_do_not_make_a_post_not_ai(text: str) -> None:
    assert matched_keywords(text) == ("ai",)
    assert features(text).says_ai


@pytest.mark.parametrize("text", ["Aİ", "aí", "ái", "aĩ", "A\u0301I", "Ài", "AI\u0323"])
def test_other_letters_are_other_words(text: str) -> None:
    assert matched_keywords(text) == ()
    assert not features(text).mentions_ai


STYLES = ("ＡａＺｚ", "𝐀𝐚𝐙𝐳", "𝗔𝗮𝗭𝘇", "𝙰𝚊𝚉𝚣")


def styled(text: str, style: str, each: list[bool]) -> str:
    """The text with some of its Latin letters in another style."""
    upper, lower = ord(style[0]) - ord("A"), ord(style[1]) - ord("a")
    return "".join(
        chr(ord(one) + (upper if one.isupper() else lower))
        if one.isascii() and one.isalpha() and other
        else one
        for one, other in zip(text, each, strict=True)
    )


@settings(max_examples=150)
@given(
    text=st.lists(
        st.sampled_from(
            [
                "AI",
                "ai",
                "#AI",
                "machine",
                "learning",
                "#BigData",
                "deep",
                "j'ai",
                "10",
                "ml",
                "game",
                "café",
                "हिन्दी",
                "深い",
                ".",
                ",",
                "-",
                "&",
                "@user",
            ]
        ),
        max_size=9,
    ).map(" ".join),
    style=st.sampled_from(STYLES),
    data=st.data(),
)
def test_any_style_of_letters_is_read_alike(text: str, style: str, data: st.DataObject) -> None:
    each = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    other = unicodedata.normalize(data.draw(st.sampled_from(["NFC", "NFD"])), styled(text, style, each))
    assert letters(other) == text
    assert text_hash(other) == text_hash(text)
    assert matched_keywords(other) == matched_keywords(text)
    assert np.array_equal(votes([other]), votes([text]))


@settings(max_examples=300)
@given(
    st.text(max_size=40)
    | st.text(st.sampled_from("aé\u0301\u0323\u200d\u0f73\uff9e\ufe0f #ＡＩ\u00adß\ud83d👩"), max_size=20)
)
@example("\ud800\u0301")
def test_plain_letters_are_their_own_plain_letters(text: str) -> None:
    once = letters(text)
    assert letters(once) == once
    assert folded(text) == folded(once)
    assert unicodedata.is_normalized("NFKC", once)
    assert plain(text) is not None


def test_as_many_marks_as_languages_have_stay() -> None:
    marks = "\u0323" * MOST_MARKS
    assert letters("e" + marks) == unicodedata.normalize("NFKC", "e" + marks)
    assert len(letters("e" + "\u0301\u0323" * 40)) <= MOST_MARKS + 1


def test_plain_ascii_is_returned_as_it_is() -> None:
    text = "Nothing to do. Really; #1"
    assert plain(text) is text


def test_a_number_that_is_no_character_breaks_nothing() -> None:
    hostile = "&#" + "9" * 5_000 + ";"
    assert unescape(hostile) == hostile
    assert len(text_hash(f"see {hostile}")) == 32
    assert features(hostile).words == ("9" * 5_000,)


def test_inputs_that_went_wrong(real_data: Path) -> None:
    found = [matched_keywords(line) for line in lines_that_went_wrong(real_data, "letters-of-other-widths")]
    assert found == [("ai",), ("ai",), ("machine learning",), ("machine learning",)]
