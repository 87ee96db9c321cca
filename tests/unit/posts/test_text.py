"""The deduplication key: equal for copies of a post, different for different posts."""

from __future__ import annotations

import pytest

from include.posts.text import normalise, text_hash, tokens

SAME = [
    ("RT @user: Deep learning!", "deep   LEARNING"),
    ("RT @a: RT @b: Deep learning", "Deep learning"),
    ("@user1 @user2 thanks", "thanks"),
    ("AT&amp;T news", "AT&T news"),
    ("Paper: https://t.co/abcdefghij", "Paper https://t.co/0123456789"),
    ("𝐃𝐞𝐞𝐩 𝐥𝐞𝐚𝐫𝐧𝐢𝐧𝐠", "deep learning"),
    ("read this https://t.co/abc…", "read this"),
    ("read this htt…", "read this"),
    ("Straße", "STRASSE"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_copies_share_a_hash(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)
    assert text_hash(one) == text_hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("good 😍", "good 😡"),
        ("@user https://t.co/abcdefghij", "@user https://t.co/0123456789"),
        ("...", "!!!"),
        ("C", "D"),
        ("10 percent", "20 percent"),
        ("कमल", "कमाल"),
    ],
)
def test_different_posts_differ(one: str, other: str) -> None:
    assert text_hash(one) != text_hash(other)


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "RT @user:", "😀" * 500, "a" * 100_000])
def test_any_text_has_a_hash(text: str) -> None:
    assert len(text_hash(text)) == 32
    assert int(text_hash(text), 16) >= 0


def test_tokens() -> None:
    assert tokens("RT @user: Café #DeepLearning, 100%!") == ["café", "deeplearning", "100"]
    assert tokens("深層学習 AI") == ["深", "層", "学", "習", "ai"]
