"""Everything that the page To repost asks the database for, over one pool of connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from include.curation import events, leases
from include.curation.cards import Card, read_cards
from include.curation.export import Form, exported
from include.curation.filters import Filter
from include.curation.posting import post
from include.curation.walk import Walk
from include.curation.walker import Walker
from include.infra.postgres.connection import connect
from include.infra.postgres.page_pool import page_pool
from include.schema.revision import require_current_schema
from include.settings import Settings

TIMEOUT_MILLISECONDS = 5_000

_SESSION = f"SET statement_timeout = {TIMEOUT_MILLISECONDS}; SET plan_cache_mode = force_custom_plan"
"""A plan for all filters alike would suit none of them."""

_VISIT = """
INSERT INTO curation_visit AS known (curator, seen_at) VALUES (%(curator)s, now())
ON CONFLICT (curator) DO UPDATE SET seen_at = now()
"""
_LANGUAGES = """
SELECT lang FROM (SELECT lang FROM repost_card WHERE state = 'open' AND origin = %s
                  ORDER BY rank DESC, card DESC LIMIT 5000) AS top
WHERE lang IS NOT NULL GROUP BY lang ORDER BY count(*) DESC, lang LIMIT 40
"""


class Counts(NamedTuple):
    """Cards of a filter, and those of them that came since the last visit.

    None: there was no visit, or the filter has words, among which new cards have no index of their own.

    Both are counted up to ``search.MOST_COUNTED`` + 1.
    """

    cards: int
    new: int | None


class CurationService:
    """Shared by all sessions of one page server; each call is committed when it returns.

    Every call raises psycopg.OperationalError while the database does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        with connect(settings) as connection:
            require_current_schema(connection)
            connection.execute("SELECT rank_cards(%s)", [settings.repost_half_life_hours])
        self._pool = page_pool(settings)

    @contextmanager
    def _walker(self, curator: str) -> Iterator[tuple[psycopg.Connection[Any], Walker]]:
        with self._pool.connection() as connection:
            connection.execute(_SESSION)
            yield connection, Walker(connection, curator, self._settings)

    def begin(self, curator: str, wanted: Filter) -> Walk:
        """See ``Walker.begin``."""
        with self._walker(curator) as (_, walker):
            return walker.begin(wanted)

    def move(self, walk: Walk, curator: str, step: str) -> None:
        """One step of the :class:`Walker`: forth, back, later, earlier or renew."""
        with self._walker(curator) as (_, walker):
            getattr(walker, step)(walk)

    def cards(self, walk: Walk) -> list[Card]:
        """The page's cards as they are now, in order; one that is gone is left out."""
        with self._pool.connection() as connection:
            return read_cards(connection, [place.card for place in walk.places])

    def counts(self, walk: Walk, curator: str, since: datetime | None) -> Counts:
        """How many cards there are, and how many are new."""
        with self._walker(curator) as (connection, walker):
            query = walker.query(walk)
            return Counts(
                query.count(connection),
                query.count(connection, since) if since and not walk.wanted.q else None,
            )

    def languages(self, origin: str) -> list[str]:
        """Languages of the cards on top, the most frequent first."""
        with self._pool.connection() as connection:
            return [lang for (lang,) in connection.execute(_LANGUAGES, [origin]).fetchall()]

    def visit(self, curator: str) -> datetime | None:
        """Remember a visit; when the one before was."""
        with self._pool.connection() as connection:
            before = connection.execute(
                "SELECT seen_at FROM curation_visit WHERE curator = %s", [curator]
            ).fetchone()
            connection.execute(_VISIT, {"curator": curator})
        return before[0] if before else None

    def decide(
        self, walk: Walk, card: Card, curator: str, action: events.Action, lease: UUID,
        details: dict[str, Any] | None = None,
    ) -> int | None:  # fmt: skip
        """See ``events.decide``; then on to the next card."""
        with self._walker(curator) as (connection, walker):
            done = events.decide(connection, card, lease, curator, action, details)
            walker.forth(walk)
        return done

    def post(self, card: Card, curator: str) -> str:
        """See ``posting.post``: what came of it, in words."""
        with self._pool.connection() as connection:
            return post(connection, card, curator, self._settings)

    def undo(self, walk: Walk, curator: str) -> Card | None:
        """See ``events.undo``; its card is looked at again. None where there was nothing to undo."""
        with self._walker(curator) as (connection, walker):
            undone = events.undo(connection, curator)
            if undone is None:
                return None
            walker.go_to(walk, undone[1])
            return next(iter(read_cards(connection, [undone[1]])), None)

    def release(self, curator: str) -> None:
        """See ``leases.release``."""
        with self._pool.connection() as connection:
            leases.release(connection, curator)

    def export(self, walk: Walk, curator: str, form: Form) -> bytes:
        """The filter's cards as a file."""
        with self._pool.connection() as connection, connection.transaction():
            connection.execute("SET LOCAL statement_timeout = 60000")
            return exported(connection, Walker(connection, curator, self._settings).query(walk), form)

    def close(self) -> None:
        """Close the pool's connections."""
        self._pool.close()
