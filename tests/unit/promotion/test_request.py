"""What counts as a reason for going on against the gate."""

from __future__ import annotations

import pytest

from include.promotion.request import NoReason, override_reason


@pytest.mark.parametrize("blank", [None, "", " ", "\t\n", "\u00a0", "\u3000"])
def test_blank_means_no_override(blank: str | None) -> None:
    assert override_reason(blank) == ""


@pytest.mark.parametrize(
    "filler",
    [
        ".", "...", "-", "--", "n/a", "N.A.", "NONE", "no reason", "test", "a test", "testing testing", "ok",
        "because", "because I want", "override the gate"[:8], "xxxxxxxxxxxxxxxxx",
        "asdf asdf asdf", "1234567890",
        "!!!!!!!!!!!!!!!", "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂", "ｎｏｎｅ", "abababababababab", "\u200b" * 20,
    ],
)  # fmt: skip
def test_what_says_nothing_is_refused_and_named(filler: str) -> None:
    with pytest.raises(NoReason, match="gives no reason: say in a sentence"):
        override_reason(filler)


@pytest.mark.parametrize(
    "reason",
    [
        "the champion answers 0 to everything",
        "golden labels of May were wrong",
        "Die Prüfposts sind veraltet",
        "评估数据有错误",
        "чемпион сломан",
    ],
)
def test_a_sentence_is_a_reason_in_any_language(reason: str) -> None:
    assert override_reason(f" {reason}\n") == reason
