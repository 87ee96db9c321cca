"""Cards as a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import class_row

COLUMNS: LiteralString = """
    c.card, c.id AS post_id, c.author, c.text, c.lang, c.link, c.domain, c.twin, c.origin, c.written_at,
    c.probability, c.model_version, c.first_seen, c.last_seen, c.posts, c.ai_posts, c.rank, c.state,
    c.decided_at
"""
_CARDS: LiteralString = f"""
    SELECT {COLUMNS}, l.posts AS link_posts, l.ai_posts AS link_ai_posts, said.curator AS decided_by,
           outcome.action AS outcome, outcome.details ->> 'said' AS outcome_says
    FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted (card, n)
    JOIN repost_card c USING (card)
    LEFT JOIN links l ON c.domain IS NOT NULL AND l.link = c.link
    LEFT JOIN LATERAL (
        SELECT id, curator FROM standing_curation e WHERE e.card = c.card ORDER BY id DESC LIMIT 1
    ) AS said ON c.state <> 'open'
    LEFT JOIN LATERAL (
        SELECT action, details FROM curation_event e
        WHERE e.card = c.card AND e.id > said.id AND action IN ('posted', 'failed') ORDER BY id DESC LIMIT 1
    ) AS outcome ON true
    ORDER BY wanted.n
"""  # noqa: S608


@dataclass(frozen=True)
class Card:
    """One thing that posts share.

    Attributes:
        post_id, author, text, lang, written_at, probability: of the post that stands for it; None: not known.
        link: where it leads; shortened where ``domain`` is None.
        twin: the hash of the normalised text.
        posts, ai_posts: likely posts that share it, and those of them about AI.
        link_posts, link_ai_posts: all posts with the link, likely or not; None where it is shortened.
        rank: see :mod:`include.curation.search`.
        decided_by: who decided last, None while it is open.
        outcome, outcome_says: what became of a repost at the platform: posted or failed, and its words.
    """

    card: UUID
    post_id: str
    author: str | None
    text: str
    lang: str | None
    link: str
    domain: str | None
    twin: UUID
    origin: str
    written_at: datetime | None
    probability: float
    model_version: int
    first_seen: datetime
    last_seen: datetime
    posts: int
    ai_posts: int
    rank: float
    state: str
    decided_at: datetime | None
    link_posts: int | None = None
    link_ai_posts: int | None = None
    decided_by: str | None = None
    outcome: str | None = None
    outcome_says: str | None = None

    @property
    def since(self) -> datetime:
        """Its time: when it was written, or first seen where that is not known, or said to be later."""
        return min(self.written_at or self.first_seen, self.first_seen)


def read_cards(connection: psycopg.Connection, wanted: Sequence[UUID]) -> list[Card]:
    """The cards as they are now, in this order; one that is gone is left out."""
    with connection.cursor(row_factory=class_row(Card)) as cursor:
        return cursor.execute(_CARDS, [list(wanted)]).fetchall()
