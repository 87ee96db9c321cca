"""What is suggested about an item: votes, scores and colleagues' labels. What was shown is logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg

from include.annotation.queues.item import BLIND, Item
from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.votes import votes
from include.lexicon.labels import AI, NOT_AI
from include.posts.fields import MAX_TEXT


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Names of the functions that voted, the soft label, the model's score, and for adjudicators the labels.

    labels: annotator -> label, or the word ``flag``.
    """

    for_ai: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    weak_probability: float | None = None
    model_probability: float | None = None
    model_version: int | None = None
    labels: dict[str, int | str] = field(default_factory=dict)

    def logged(self) -> dict[str, object]:
        """What goes into ``label_event.shown``: the fields that were not empty."""
        seen = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in seen.items()
            if value is not None and value not in ((), {})
        }


def suggestion(connection: psycopg.Connection, item: Item) -> Suggestion | None:
    """What may be shown beside an item; None on the blind queues."""
    if item.queue in BLIND:
        return None
    cast = votes([item.text[:MAX_TEXT]])[0]  # as much as a post that is collected may have
    scored = _model_score(connection, item)
    return Suggestion(
        for_ai=tuple(f.name for f, vote in zip(LABELLING_FUNCTIONS, cast, strict=True) if vote == AI),
        against=tuple(f.name for f, vote in zip(LABELLING_FUNCTIONS, cast, strict=True) if vote == NOT_AI),
        weak_probability=item.weak_probability,
        model_probability=scored.get("probability"),
        model_version=scored.get("model_version"),
        labels=_labels(connection, item.text_hash) if item.queue == "adjudication" else {},
    )


def _model_score(connection: psycopg.Connection, item: Item) -> dict[str, Any]:
    row = connection.execute(
        "SELECT details FROM labelling_queue"
        " WHERE version = %s AND queue = 'disagreement' AND text_hash = %s",
        [item.version, item.text_hash],
    ).fetchone()
    return row[0] if row else {}


def _labels(connection: psycopg.Connection, text_hash: str) -> dict[str, int | str]:
    rows = connection.execute(
        """SELECT DISTINCT ON (annotator) annotator, label, action FROM standing_event
           WHERE text_hash = %s AND (label IS NOT NULL OR action = 'flag')
           ORDER BY annotator, id DESC""",
        [text_hash],
    )
    return {who: action if label is None else label for who, label, action in rows}
