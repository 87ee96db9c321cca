"""Why a card stands where it does, in words and factors that multiply to its rank."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from include.curation.cards import Card


class Reasons(NamedTuple):
    """The factors of a rank: the probability, what age leaves of it, and what its site's reposts leave."""

    probability: float
    age: timedelta
    recency: float
    reposts: int
    novelty: float

    @property
    def rank(self) -> float:
        """From 0 to 1."""
        return self.probability * self.recency * self.novelty


def reasons(card: Card, now: datetime, half_life_hours: float, reposts: int, factor: float) -> Reasons:
    """The factors as of now.

    Args:
        reposts: how often the card's site was reposted of late.
        factor: what each of them multiplies the rank by.
    """
    age = max(now - card.since, timedelta())
    recency = 0.5 ** min(age.total_seconds() / 3600 / half_life_hours, 1_000)
    return Reasons(card.probability, age, recency, reposts, factor**reposts)


def percent(share: float) -> str:
    """A probability as people read it: certainty is never claimed.

    >>> [percent(share) for share in (0.9996, 0.973, 0.5, 0.0001)]
    ['over 99 %', '97 %', '50 %', 'under 1 %']
    """
    if share > 0.99:
        return "over 99 %"
    return f"{share * 100:.0f} %" if share >= 0.01 else "under 1 %"


def span(age: timedelta) -> str:
    """
    >>> span(timedelta(seconds=40)), span(timedelta(minutes=90)), span(timedelta(days=3))
    ('1 min', '1 h', '3 d')
    """
    seconds = age.total_seconds()
    for unit, length in (("d", 86400), ("h", 3600)):
        if seconds >= length * (2 if unit == "d" else 1):
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds // 60, 1):.0f} min"
