"""Who wants a promotion, and why; what counts as a reason for an override."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime

from include.promotion.errors import PromotionError

FEWEST_LETTERS = 10
"""A sign of a script that is written without spaces counts as two: it says as much."""

FEWEST_DIFFERENT = 5

_FILLERS = """
a an and any approve approved asdf because blah bypass do empty fine foo force go good it just lorem n na nil
no none nope not nothing now null of ok okay on override please proceed qwerty reason requested skip some
something tbd test testing text the this todo undefined want why x xxx y yes
"""
FILLERS = frozenset(_FILLERS.split())
"""Words that say nothing about why; a text of these alone is no reason."""


class NoReason(PromotionError):
    """The reason for going on against the gate says nothing."""


@dataclass(frozen=True)
class PromotionRequest:
    """Who asked for the promotion, when and why.

    Attributes:
        by: the person; None where nobody is known.
        override_reason: why to go on although the gate refuses; empty means not to.
    """

    by: str | None = None
    reason: str = ""
    override_reason: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


def override_reason(text: str | None) -> str:
    """The reason for an override, trimmed; empty where the text is absent or blank, which means no override.

    Raises:
        NoReason: it is too short, or made of words that say nothing; the message names it.

    >>> override_reason("  "), override_reason(None)
    ('', '')
    >>> override_reason(" the champion answers 0 to everything ")
    'the champion answers 0 to everything'
    >>> override_reason("n/a")
    Traceback (most recent call last):
        ...
    include.promotion.request.NoReason: override_reason 'n/a' gives no reason: say in a sentence why to go ...
    """
    reason = (text or "").strip()
    if reason and not _says_something(reason):
        raise NoReason(
            f"override_reason {reason!r} gives no reason: say in a sentence why to go on against a FAIL, or "
            "leave it empty to keep to the gate"
        )
    return reason


def _says_something(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(word for word in words if word not in FILLERS)
    width = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in letters)
    return width >= FEWEST_LETTERS and len(set(letters)) >= FEWEST_DIFFERENT
