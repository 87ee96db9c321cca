"""A walk through cards: the page that is shown, and the card that is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from include.curation.filters import Filter
from include.curation.novelty import Novelty
from include.curation.search import Place
from include.curation.threshold import InService


@dataclass
class Walk:
    """Where a curator is.

    Attributes:
        model: the model in service, and its threshold.
        known: what counts as novel, as of the beginning: so no card is met twice.
        places: the page's cards, in order.
        at: the index of the card that is looked at; behind the last one at the end.
        first: the number of the page's first card, from 1.
        more: whether cards follow the page.
        lease: on the card that is looked at; None where it is only to be read.
    """

    wanted: Filter
    model: InService
    known: Novelty
    places: list[Place] = field(default_factory=list)
    at: int = 0
    first: int = 1
    more: bool = False
    lease: UUID | None = None

    @property
    def card(self) -> UUID | None:
        """The card that is looked at."""
        return self.places[self.at].card if 0 <= self.at < len(self.places) else None

    @property
    def ranked(self) -> list[Place]:
        """Without the cards that were put in: those have no rank of their own."""
        return [place for place in self.places if place.rank == place.rank]

    @property
    def top(self) -> Place | None:
        """The page's first place."""
        return next(iter(self.ranked), None)

    @property
    def bottom(self) -> Place | None:
        """The page's last place."""
        return next(reversed(self.ranked), None)

    @property
    def least(self) -> float:
        """The least probability: the filter's, else the threshold of the model in service."""
        if self.wanted.p is not None:
            return self.wanted.p
        return self.model.threshold if self.wanted.state == "open" else 0.0
