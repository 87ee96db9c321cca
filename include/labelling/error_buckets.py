"""Error buckets: where the chosen weak labels and the golden ones differ, with example posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.golden_posts import GoldenPosts
from include.lexicon.labels import ABSTAIN, AI, NAMES, NOT_AI

if TYPE_CHECKING:
    from include.labelling.label_models import Labeller  # torch

EXAMPLES = 10
"""Example posts of a bucket, those with the most certain weak labels first."""


def error_buckets(posts: GoldenPosts, labeller: Labeller) -> list[dict[str, Any]]:
    """One bucket for each (golden, weak) pair that occurs, as rows of ``labelling_bucket``.

    The same cells as snorkel's ``get_label_buckets``, with what it takes to correct a function: the text,
    the probability, and which functions voted for which label.
    """
    weak = labeller.label(posts.votes)
    sure = np.abs(np.nan_to_num(weak.probabilities, nan=0.5) - 0.5)
    buckets = []
    for golden in (AI, NOT_AI):
        for label in (AI, NOT_AI, ABSTAIN):
            rows = np.flatnonzero((posts.labels == golden) & (weak.labels == label))
            if len(rows):
                shown = rows[np.argsort(-sure[rows], kind="stable")][:EXAMPLES]
                examples = [_example(posts, weak.probabilities, int(row)) for row in shown]
                buckets.append({"golden": golden, "weak": label, "posts": len(rows), "examples": examples})
    return buckets


def _example(posts: GoldenPosts, probabilities: np.ndarray, row: int) -> dict[str, Any]:
    def names(vote: int) -> list[str]:
        return [f.name for f, cast in zip(LABELLING_FUNCTIONS, posts.votes[row], strict=True) if cast == vote]

    value = float(probabilities[row])
    return {
        "id": posts.ids[row],
        "text": posts.texts[row],
        "probability": None if np.isnan(value) else round(value, 4),
        "for": names(AI),
        "against": names(NOT_AI),
    }


def store(connection: psycopg.Connection, version: int, buckets: Sequence[dict[str, Any]]) -> None:
    """Replace the version's buckets, in the caller's transaction."""
    connection.execute("DELETE FROM labelling_bucket WHERE version = %s", [version])
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO labelling_bucket (version, golden, weak, posts, examples)
               VALUES (%(version)s, %(golden)s, %(weak)s, %(posts)s, %(examples)s)""",
            [row | {"version": version, "examples": Jsonb(row["examples"])} for row in buckets],
        )


def as_text(buckets: Sequence[dict[str, Any]], shown: int = 3) -> str:
    """The buckets for a log, with example posts for those that are errors.

    >>> post = {"id": "7", "text": "deep\\nsea", "probability": 0.1, "for": [], "against": ["politics"]}
    >>> print(as_text([{"golden": 1, "weak": 0, "posts": 1, "examples": [post]}]))
    golden AI, weak not AI: 1
      7 (0.10; for: none; against: politics) deep sea
    """
    lines = []
    for bucket in buckets:
        lines.append(f"golden {NAMES[bucket['golden']]}, weak {NAMES[bucket['weak']]}: {bucket['posts']}")
        if bucket["golden"] != bucket["weak"]:
            lines += [f"  {_line(example)}" for example in bucket["examples"][:shown]]
    return "\n".join(lines)


def _line(example: dict[str, Any]) -> str:
    sure = "no label" if example["probability"] is None else f"{example['probability']:.2f}"
    sides = (f"{side}: {', '.join(example[side]) or 'none'}" for side in ("for", "against"))
    return f"{example['id']} ({sure}; {'; '.join(sides)}) {' '.join(example['text'].split())[:160]}"
