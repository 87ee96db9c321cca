"""What both versions are known to answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

PUBLISHED = Path(__file__).parent / "nltk_published_scores.json"
"""Sentences and scores of NLTK's sentiment.doctest (Apache License 2.0, (C) NLTK Project)."""

SIX: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "I love this pony": ((0.6369, 0.0, 0.323, 0.677), (0.6369, 0.0, 0.417, 0.583)),
    "This restaurant is great": ((0.6249, 0.0, 0.423, 0.577), (0.6249, 0.0, 0.423, 0.577)),
    "The weather is bad today": ((-0.5423, 0.467, 0.533, 0.0), (-0.5423, 0.467, 0.533, 0.0)),
    "I will go to the beach this weekend": ((0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 1.0, 0.0)),
    "She likes to swim": ((0.4215, 0.0, 0.517, 0.483), (0.4215, 0.0, 0.517, 0.483)),
    "Apple is a great company": ((0.6249, 0.0, 0.423, 0.577), (0.6249, 0.0, 0.494, 0.506)),
}
"""compound, neg, neu, pos of version A and of version B."""


class Published(NamedTuple):
    """A sentence with NLTK's scores."""

    text: str
    scores: dict[str, float]


def published() -> list[Published]:
    """All 49 of them."""
    return [Published(**one) for one in json.loads(PUBLISHED.read_text(encoding="utf-8"))]
