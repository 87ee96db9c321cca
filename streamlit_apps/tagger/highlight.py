"""The positions of a post's keywords in its text, so that a page can mark them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """A part of a text, and whether it is a keyword."""

    text: str
    is_keyword: bool


def pieces(text: str, keywords: Sequence[str]) -> list[Piece]:
    """Cut a text at its keywords; joined again, the pieces are the text.

    A keyword of several words also matches written together, as hashtags are.

    >>> pieces("Learn #MachineLearning!", ["machine learning"])
    [Piece(text='Learn #', is_keyword=False), Piece(text='MachineLearning', is_keyword=True),
     Piece(text='!', is_keyword=False)]
    """
    found = [r"[\s_-]*".join(map(re.escape, keyword.split())) for keyword in keywords if keyword.strip()]
    if not found:
        return [Piece(text, False)]
    longest_first = "|".join(sorted(found, key=len, reverse=True))
    cut = re.split(rf"(?<![^\W_])({longest_first})(?![^\W_])", text, flags=re.IGNORECASE)
    return [Piece(part, place % 2 == 1) for place, part in enumerate(cut) if part]
