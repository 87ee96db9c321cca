"""Decisions and leases of several curators, on a real PostgreSQL."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from include.curation.cards import Card
from include.curation.events import Action, CardLeaseLost
from include.curation.filters import Filter
from include.curation.service import CurationService
from include.curation.walk import Walk
from include.settings import Settings
from tests.support.curation.feed import payload, stream


@pytest.fixture
def three(cleared: psycopg.Connection, database: Settings) -> psycopg.Connection:
    """Three cards, the first two of one site."""
    links = ["https://a.org/1", "https://a.org/2", "https://b.org/3"]
    stream(database, [(payload(n, f"paper {n}", link), 0.9 - n / 100) for n, link in enumerate(links)])
    return cleared


def at(service: CurationService, walk: Walk) -> tuple[Card, UUID]:
    card = next(one for one in service.cards(walk) if one.card == walk.card)
    assert walk.lease is not None
    return card, walk.lease


def act(service: CurationService, walk: Walk, who: str, action: Action) -> Card:
    card, lease = at(service, walk)
    service.decide(walk, card, who, action, lease)
    return card


def links(service: CurationService, who: str = "eve") -> list[str]:
    found = [card.link for card in service.cards(service.begin(who, Filter()))]
    service.release(who)
    return found


def test_two_people_look_at_different_cards(service: CurationService, three: psycopg.Connection) -> None:
    ann, bob = service.begin("ann", Filter()), service.begin("bob", Filter())
    assert at(service, ann)[0].link == "https://a.org/1"
    assert at(service, bob)[0].link == "https://a.org/2"
    service.move(ann, "ann", "forth")
    assert at(service, ann)[0].link == "https://b.org/3", "the second one is bob's"


def test_a_lease_that_ran_out_goes_to_others(service: CurationService, three: psycopg.Connection) -> None:
    ann = service.begin("ann", Filter())
    card, lease = at(service, ann)
    three.execute("UPDATE curation_lease SET expires_at = now() - interval '1 second'")
    bob = service.begin("bob", Filter())
    assert at(service, bob)[0].card == card.card
    with pytest.raises(CardLeaseLost):
        service.decide(ann, card, "ann", "repost", lease)
    act(service, bob, "bob", "hide")
    events = three.execute("SELECT curator, action FROM curation_event").fetchall()
    assert events == [("bob", "hide")]


def test_a_second_press_changes_nothing(service: CurationService, three: psycopg.Connection) -> None:
    walk = service.begin("ann", Filter())
    card, lease = at(service, walk)
    assert service.decide(walk, card, "ann", "repost", lease) is not None
    assert service.decide(walk, card, "ann", "hide", lease) is None
    assert three.execute("SELECT action FROM curation_event").fetchall() == [("repost",)]


def test_a_hidden_site_goes_and_comes_back_with_an_undo(
    service: CurationService, three: psycopg.Connection
) -> None:
    walk = service.begin("ann", Filter())
    act(service, walk, "ann", "hide_domain")
    service.release("ann")
    assert links(service) == ["https://b.org/3"]
    undone = service.undo(walk, "ann")
    assert undone is not None
    assert at(service, walk)[0].card == undone.card
    service.release("ann")
    assert links(service) == ["https://a.org/1", "https://a.org/2", "https://b.org/3"]
    assert service.undo(walk, "ann") is None
    assert service.undo(walk, "bob") is None, "nobody undoes another one's decision"


def test_a_card_that_was_decided_keeps_its_post_and_its_state(
    service: CurationService, three: psycopg.Connection, database: Settings
) -> None:
    card = act(service, service.begin("ann", Filter()), "ann", "repost")
    stream(database, [(payload(77, "much surer", card.link), 0.999)])
    row = three.execute("SELECT id, state, posts FROM repost_card WHERE card = %s", [card.card]).fetchone()
    assert row == (card.post_id, "reposted", 2)


def test_what_came_since_the_last_visit_is_counted(
    service: CurationService, three: psycopg.Connection, database: Settings
) -> None:
    assert service.visit("ann") is None
    before = service.visit("ann")
    stream(database, [(payload(8, "new", "https://c.org/8"), 0.9)])
    counts = service.counts(service.begin("ann", Filter()), "ann", before)
    assert counts == (4, 1)
