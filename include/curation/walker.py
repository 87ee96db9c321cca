"""A curator's steps through cards: each takes the lease on the card that it comes to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from include.curation import leases
from include.curation.filters import Filter
from include.curation.novelty import novelty
from include.curation.search import Place, Query
from include.curation.threshold import in_service
from include.curation.walk import Walk
from include.settings import Settings

PAGE = 10
"""Cards of a page."""


class Walker:
    """One curator's steps on one connection, which is in autocommit."""

    def __init__(self, connection: psycopg.Connection[Any], curator: str, settings: Settings) -> None:
        self._connection = connection
        self._curator = curator
        self._settings = settings

    def begin(self, wanted: Filter) -> Walk:
        """At the top, on the first card that nobody else looks at."""
        model = in_service(self._connection, self._settings)
        walk = Walk(wanted, model, novelty(self._connection, self._settings))
        self._load(walk)
        self._settle(walk)
        return walk

    def forth(self, walk: Walk) -> None:
        """To the next card that one can decide on; on a list of decided cards, to the next one."""
        walk.at += 1
        self._settle(walk)

    def back(self, walk: Walk) -> None:
        """To the card before, whatever became of it."""
        if walk.at > 0:
            walk.at -= 1
        elif self._turn_back(walk):
            walk.at = len(walk.places) - 1
        self._hold(walk)

    def later(self, walk: Walk) -> None:
        """To the next page."""
        if walk.more:
            walk.at = len(walk.places)
            self._settle(walk)

    def earlier(self, walk: Walk) -> None:
        """To the page before."""
        if self._turn_back(walk):
            walk.at = 0
            self._hold(walk)

    def go_to(self, walk: Walk, card: UUID) -> None:
        """To a card of this page, or one that is put before it: an undone one."""
        cards = [place.card for place in walk.places]
        if card in cards:
            walk.at = cards.index(card)
        else:
            walk.places.insert(walk.at, Place(float("nan"), card))
        self._hold(walk)

    def renew(self, walk: Walk) -> None:
        """Keep the card while it is looked at; take it as soon as nobody else has it."""
        self._hold(walk)

    def query(self, walk: Walk) -> Query:
        """The walk's cards, without those that others look at now."""
        held = leases.held_by_others(self._connection, self._curator)
        return Query(walk.wanted, walk.least, walk.known, held)

    def _settle(self, walk: Walk) -> None:
        """From here on to the first card that can be leased, over as many pages as it takes."""
        while True:
            while walk.card is not None:
                self._hold(walk)
                if walk.lease is not None or walk.wanted.state != "open":
                    return
                walk.at += 1
            if not walk.more:
                leases.release(self._connection, self._curator)
                walk.lease = None
                return
            walk.first += len(walk.ranked)
            self._load(walk, walk.bottom)
            walk.at = 0

    def _hold(self, walk: Walk) -> None:
        walk.lease = None
        if walk.card is not None and walk.wanted.state == "open":
            walk.lease = leases.take(self._connection, walk.card, self._curator, self._settings)

    def _load(self, walk: Walk, after: Place | None = None) -> None:
        found = self.query(walk).page(self._connection, PAGE + 1, after)
        walk.places, walk.more = found[:PAGE], len(found) > PAGE

    def _turn_back(self, walk: Walk) -> bool:
        """Show the page before; False where there is none."""
        if walk.first == 1 or walk.top is None:
            return False
        found = self.query(walk).page(self._connection, PAGE, before=walk.top)
        if not found:
            return False
        walk.places, walk.more = found, True
        walk.first = max(1, walk.first - len(found))
        return True
