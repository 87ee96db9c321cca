"""Figures of parts of the posts."""

from __future__ import annotations

import numpy as np

from include.model.evaluation.predictions import Answers
from include.model.evaluation.slices import slices

TEXTS = ["#AI #ML #NLP", "tea https://t.co/abcdefghij", "深層学習", "x" * 200]
LABELS = np.array([True, False, True, False])


def test_every_post_is_in_one_part_of_each_kind() -> None:
    answers = Answers(np.array([0.9, 0.2, 0.3, 0.6]), np.array([0.5, 0.5, 0.2, 0.5]))
    found = slices(TEXTS, ["en", None, None, "und"], LABELS, answers)
    assert found.keys() == {"language", "length", "link", "hashtags"}
    for parts in found.values():
        assert sum(part["n"] for part in parts.values()) == 4
    assert set(found["language"]) == {"en", "unknown, Latin letters", "unknown, other letters"}
    assert found["language"]["unknown, other letters"]["recall"] == 1.0
    assert found["link"]["with a link"]["positives"] == 0
    assert found["length"]["from 140"]["precision"] == 0.0
