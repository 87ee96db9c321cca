"""How a model fares on parts of the posts: by language, length, link and hashtags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from include.model.evaluation.predictions import Answers
from include.statistics.classification import evaluate
from include.text.urls import urls_in, without_urls
from include.text.words import hashtags_as_posted

_ORDER = (
    "under 80 characters",
    "80 to 139",
    "from 140",
    "with a link",
    "without",
    "none",
    "1 or 2",
    "3 or more",
)
_SHOWN = ("n", "positives", "precision", "recall", "f1", "f1_interval")


def slices(
    texts: Sequence[str], langs: Sequence[str | None], labels: np.ndarray, answers: Answers
) -> dict[str, dict[str, dict[str, Any]]]:
    """n, positives, precision, recall and F1 of each part: ``{kind: {part: figures}}``.

    Args:
        texts: n of them, with their language where the source gave one.
        labels: bool[n].
    """
    thresholds = np.broadcast_to(answers.threshold, len(labels))
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for kind, part_of in _KINDS.items():
        parts = np.array([part_of(text, lang) for text, lang in zip(texts, langs, strict=True)])
        found[kind] = {}
        for part in sorted(set(parts.tolist()), key=_place):
            rows = parts == part
            figures = evaluate(labels[rows], answers.probabilities[rows], thresholds[rows])
            found[kind][part] = {name: figures[name] for name in _SHOWN}
    return found


def parts_of(text: str, lang: str | None) -> dict[str, str]:
    """The part that a post belongs to, of each kind.

    >>> parts_of("see https://t.co/abcdefghij", "en")["link"]
    'with a link'
    """
    return {kind: part_of(text, lang) for kind, part_of in _KINDS.items()}


def _place(part: str) -> tuple[int, str]:
    """Parts that have an order are shown in it, others by name."""
    return (_ORDER.index(part) if part in _ORDER else len(_ORDER), part)


def language(text: str, lang: str | None) -> str:
    """What the source said, else what the letters tell.

    >>> language("hello", "en"), language("hello", None), language("人工知能", None)
    ('en', 'unknown, Latin letters', 'unknown, other letters')
    """
    if lang and lang != "und":
        return lang
    letters = [letter for letter in without_urls(text) if letter.isalpha()]
    latin = sum(letter < "\u0250" for letter in letters)
    return f"unknown, {'Latin' if 2 * latin >= len(letters) else 'other'} letters"


def length(text: str, _: str | None) -> str:
    """
    >>> length("short", None)
    'under 80 characters'
    """
    size = len(text)
    return "under 80 characters" if size < 80 else "80 to 139" if size < 140 else "from 140"


def link(text: str, _: str | None) -> str:
    """
    >>> link("see https://t.co/abcdefghij", None)
    'with a link'
    """
    return "with a link" if urls_in(text) else "without"


def hashtags(text: str, _: str | None) -> str:
    """
    >>> hashtags("#AI and #ML", None), hashtags("We are #1", None)
    ('1 or 2', 'none')
    """
    count = len(hashtags_as_posted(text))
    return "none" if not count else "1 or 2" if count < 3 else "3 or more"


_KINDS: dict[str, Callable[[str, str | None], str]] = {
    "language": language,
    "length": length,
    "link": link,
    "hashtags": hashtags,
}
