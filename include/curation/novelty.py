"""What was decided lately: sites that were reposted, texts and sites that are not to be shown again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import psycopg

from include.settings import Settings

MOST = 2_000
"""Sites and texts that a query leaves out at most, the latest first."""

MOST_SITES = 100
"""Sites whose reposts count, those with most reposts."""

_REPOSTED = """
SELECT domain, count(*) FROM standing_curation
WHERE action = 'repost' AND domain IS NOT NULL AND created_at > now() - %s
GROUP BY domain ORDER BY 2 DESC, 1 LIMIT %s
"""
_TEXTS = """
SELECT text_hash::uuid FROM standing_curation WHERE created_at > now() - %s
GROUP BY 1 ORDER BY max(id) DESC LIMIT %s
"""
_HIDDEN = """
SELECT domain FROM standing_curation WHERE action = 'hide_domain' GROUP BY 1 ORDER BY max(id) DESC LIMIT %s
"""


@dataclass(frozen=True)
class Novelty:
    """As of when it was read: a walk through cards keeps it, so that no page shows a card twice.

    Attributes:
        reposted: reposts of late by site.
        texts: hashes of texts that were decided on of late.
        hidden: sites that somebody hid.
        factor: what one repost of its site multiplies a card's rank by.
    """

    reposted: Mapping[str, int] = field(default_factory=dict)
    texts: tuple[UUID, ...] = ()
    hidden: tuple[str, ...] = ()
    factor: float = 0.5

    @property
    def penalties(self) -> dict[str, float]:
        """By how much the rank of a site's cards, a logarithm to base 2, is lower.

        >>> Novelty({"a.example": 2}, factor=0.5).penalties
        {'a.example': 2.0}
        """
        return {
            domain: -count * math.log2(self.factor)
            for domain, count in self.reposted.items()
            if domain not in self.hidden and self.factor < 1
        }


def novelty(connection: psycopg.Connection, settings: Settings) -> Novelty:
    """What counts at this moment."""
    late = timedelta(days=settings.repost_novelty_days)
    reposted = connection.execute(_REPOSTED, [late, MOST_SITES]).fetchall()
    texts = connection.execute(_TEXTS, [late, MOST]).fetchall()
    hidden = connection.execute(_HIDDEN, [MOST]).fetchall()
    return Novelty(
        dict(reposted),
        tuple(one for (one,) in texts),
        tuple(one for (one,) in hidden),
        settings.repost_again_factor,
    )
