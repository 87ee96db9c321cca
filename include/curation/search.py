"""The query of cards: filtered, ranked, a page at a time in both directions; every page costs the same.

A card's rank is ``log2(probability) + its time / half-life``: it decays with age, and yet never changes, so
that an index holds it. What its site's reposts of late take from it is taken in the query: such sites, which
are few, are read each by an index of its own. Who looks for words, a site or days gets no such penalties:
among few cards novelty says little, and each site would have to be searched for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import psycopg

from include.curation.filters import Filter
from include.curation.novelty import Novelty

MOST_COUNTED = 1_000

FEW = 2_000
"""Cards with the words that are looked for, up to which each of them is named in the query."""


class Place(NamedTuple):
    """Where a card stands: what the order is by, the highest first, and the card."""

    rank: float
    card: UUID


_CONDITIONS: dict[str, LiteralString] = {
    "lang": "lang = %(lang)s",
    "domain": "domain = %(domain)s",
    "since": "first_seen >= %(since)s",
    "until": "first_seen < %(until)s",
    "q": "to_tsvector('simple', text) @@ websearch_to_tsquery('simple', %(q)s)",
}
_WITH_WORDS: LiteralString = f"SELECT card FROM repost_card WHERE {_CONDITIONS['q']} LIMIT %(most)s"  # noqa: S608
_NAMED: LiteralString = "card = ANY (%(cards)s)"
_OPEN: LiteralString = "state = 'open' AND origin = %(source)s"
_UNSEEN: LiteralString = "twin <> ALL (%(texts)s) AND card <> ALL (%(held)s)"
_OTHERS: LiteralString = "(domain IS NULL OR domain <> ALL (%(left_out)s))"


class Query:
    """The cards of one filter, as one curator may see them.

    Args:
        least: the least probability.
        held: cards that others look at.
    """

    def __init__(self, wanted: Filter, least: float, known: Novelty, held: Sequence[UUID] = ()) -> None:
        self._decided = wanted.state != "open"
        self._given = {name: text for name, text in _CONDITIONS.items() if getattr(wanted, name)}
        penalties = known.penalties if wanted.weighs_novelty else {}
        self._values: dict[str, Any] = {
            "q": wanted.q, "lang": wanted.lang, "domain": wanted.domain, "source": wanted.source,
            "state": wanted.state, "least": least, "texts": list(known.texts), "held": list(held),
            "sites": list(penalties), "penalties": list(penalties.values()),
            "left_out": [*penalties, *known.hidden],
            "since": wanted.since and datetime.combine(wanted.since, time(), UTC),
            "until": wanted.until and datetime.combine(wanted.until, time(), UTC) + timedelta(days=1),
        }  # fmt: skip

    def page(
        self,
        connection: psycopg.Connection,
        limit: int,
        after: Place | None = None,
        before: Place | None = None,
    ) -> list[Place]:
        """The next cards after a place, or the last ones before it, in order; from the top without either."""
        beyond = after or before
        statement = (_decided if self._decided else _ranked)(
            self._where(connection), beyond, backwards=before is not None
        )
        values = self._values | {"limit": limit}
        if beyond:
            values |= {"rank": beyond.rank, "card": beyond.card}
        rows = connection.execute(statement, values).fetchall()
        found = [Place(*row) for row in rows]
        return found[::-1] if before else found

    def count(self, connection: psycopg.Connection, since: datetime | None = None) -> int:
        """How many cards there are, at most MOST_COUNTED + 1; ``since``: those first seen later."""
        new: LiteralString = " AND first_seen > %(new)s" if since else ""
        only: LiteralString = _DECIDED if self._decided else f"{_OPEN} AND {_UNSEEN} AND ({_HIDDEN})"
        statement: LiteralString = (
            f"SELECT count(*) FROM (SELECT FROM repost_card WHERE {self._where(connection)}"  # noqa: S608
            f" AND {only}{new}"
            " LIMIT %(most)s) AS found"
        )
        values = self._values | {"most": MOST_COUNTED + 1, "new": since}
        row = connection.execute(statement, values).fetchone()
        assert row is not None
        return int(row[0])

    def _where(self, connection: psycopg.Connection) -> LiteralString:
        """The filter's conditions.

        Cards with the words that are looked for are named, where they are few: PostgreSQL can't know how
        few there are, and would read all cards in their order to find none.
        """
        if "q" in self._given and "cards" not in self._values:
            with connection.transaction():
                connection.execute("SET LOCAL enable_seqscan = off")  # so by the index of words
                rows = connection.execute(_WITH_WORDS, self._values | {"most": FEW + 1}).fetchall()
            self._values["cards"] = [card for (card,) in rows]
            if len(rows) <= FEW:
                self._given["q"] = _NAMED
        return " AND ".join(["probability >= %(least)s", *self._given.values()])


_HIDDEN: LiteralString = "domain IS NULL OR domain <> ALL (%(left_out)s) OR domain = ANY (%(sites)s)"
_DECIDED: LiteralString = "state = %(state)s AND origin = %(source)s"
_TIME: LiteralString = "extract(epoch FROM decided_at)::float8"


def _ranked(where: LiteralString, beyond: Place | None, *, backwards: bool) -> LiteralString:
    sign: LiteralString = ">" if backwards else "<"
    order: LiteralString = "ASC" if backwards else "DESC"
    others: LiteralString = f" AND (rank, card) {sign} (%(rank)s, %(card)s)" if beyond else ""
    # The first condition is for the index; a sum of floats is not exact, so the second one decides.
    slack: LiteralString = "- 1e-6" if backwards else "+ 1e-6"
    own: LiteralString = (
        f" AND rank {sign}= %(rank)s + penalty {slack} AND (rank - penalty, card) {sign} (%(rank)s, %(card)s)"
        if beyond
        else ""
    )
    return f"""
        SELECT place, card FROM (
            (SELECT rank AS place, card FROM repost_card
             WHERE {_OPEN} AND {where} AND {_UNSEEN} AND {_OTHERS}{others}
             ORDER BY rank {order}, card {order} LIMIT %(limit)s)
            UNION ALL
            (SELECT own.place, own.card
             FROM unnest(%(sites)s::text[], %(penalties)s::float8[]) AS site (name, penalty)
             CROSS JOIN LATERAL (
                 SELECT rank - penalty AS place, card FROM repost_card
                 WHERE {_OPEN} AND repost_card.domain = site.name AND {where} AND {_UNSEEN}{own}
                 ORDER BY rank {order}, card {order} LIMIT %(limit)s) AS own)
        ) AS found ORDER BY place {order}, card {order} LIMIT %(limit)s
    """  # noqa: S608 - of the constants above


def _decided(where: LiteralString, beyond: Place | None, *, backwards: bool) -> LiteralString:
    """The latest decision first."""
    sign: LiteralString = ">" if backwards else "<"
    order: LiteralString = "ASC" if backwards else "DESC"
    others: LiteralString = f" AND ({_TIME}, card) {sign} (%(rank)s, %(card)s)" if beyond else ""
    return f"""
        SELECT {_TIME}, card FROM repost_card WHERE {_DECIDED} AND {where}{others}
        ORDER BY {_TIME} {order}, card {order} LIMIT %(limit)s
    """  # noqa: S608
