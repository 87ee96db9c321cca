"""The factors of a rank multiply to it, and mean what the page says of them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from include.curation.cards import Card
from include.curation.explain import reasons
from include.curation.novelty import Novelty

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def card(**values: Any) -> Card:
    given: dict[str, Any] = {
        "card": UUID(int=1), "post_id": "1", "author": None, "text": "x", "lang": None,
        "link": "https://a.org/1", "domain": "a.org", "twin": UUID(int=2), "origin": "live",
        "written_at": None, "probability": 0.8, "model_version": 1, "first_seen": NOW, "last_seen": NOW,
        "posts": 1, "ai_posts": 1, "rank": 0.0, "state": "open", "decided_at": None,
    }  # fmt: skip
    return Card(**given | values)


@pytest.mark.parametrize(("hours", "reposts"), [(0, 0), (6, 1), (48, 3), (10_000_000, 0)])
def test_the_rank_is_the_one_that_the_database_orders_by(hours: int, reposts: int) -> None:
    since = max(NOW - timedelta(hours=min(hours, 10_000)), datetime(2000, 1, 1, tzinfo=UTC))
    found = reasons(card(written_at=since), NOW, 12, reposts, 0.5)
    stored = math.log2(0.8) + since.timestamp() / (3600 * 12)
    penalty = Novelty({"a.org": reposts}, factor=0.5).penalties["a.org"] if reposts else 0.0
    logarithm = stored - penalty - NOW.timestamp() / (3600 * 12)
    assert found.rank == pytest.approx(2**logarithm)


def test_a_post_that_claims_to_be_of_tomorrow_is_as_old_as_it_was_first_seen() -> None:
    found = reasons(card(written_at=NOW + timedelta(days=300)), NOW + timedelta(hours=12), 12, 0, 0.5)
    assert found.recency == pytest.approx(0.5)
