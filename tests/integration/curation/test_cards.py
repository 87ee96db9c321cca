"""The cards that the stream's commit keeps, and the queries of them, on a real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from include.curation.filters import Filter
from include.curation.service import CurationService
from include.curation.walker import PAGE
from include.forgetting.database.tables import results
from include.forgetting.search.sweep import Sweep
from include.forgetting.search.targets import find_targets
from include.infra.postgres.connection import connect
from include.settings import Settings
from tests.support.curation.feed import payload, stream

ARXIV = "https://arxiv.org/abs/1706.03762"
LONG = "a text that is long enough to be known again, number"


def rows(connection: psycopg.Connection, columns: str = "link, posts, ai_posts, origin") -> list[Any]:
    return connection.execute(f"SELECT {columns} FROM repost_card ORDER BY link").fetchall()  # noqa: S608


def seen(service: CurationService, **wanted: Any) -> list[str]:
    """The links of all cards of a filter, page by page."""
    walk = service.begin("ann", Filter(**wanted))
    links = []
    while True:
        links += [card.link for card in service.cards(walk)]
        if not walk.more:
            return links
        service.move(walk, "ann", "later")


def test_one_card_per_link_however_it_is_shared(cleared: psycopg.Connection, database: Settings) -> None:
    first = [(payload(1, "A paper", ARXIV), 0.9), (payload(2, "So good", f"{ARXIV}?utm_source=x"), 0.4)]
    stream(database, first)
    stream(database, [(payload(3, "Wow", ARXIV), 0.97), (payload(4, "no link"), 0.99)])
    assert rows(cleared) == [(ARXIV, 3, 2, "live")]
    assert rows(cleared, "id, text LIKE 'Wow%%', probability") == [("3", True, 0.97)], (
        "the surest stands for it"
    )
    counted = cleared.execute("SELECT link, posts, ai_posts FROM links").fetchall()
    assert counted == [(ARXIV, 3, 2)]


def test_copies_of_a_text_with_short_links_are_one_card(
    cleared: psycopg.Connection, database: Settings
) -> None:
    texts = [f"RT @b: {LONG} 7 https://t.co/aaaaaaaaaa", f"{LONG.upper()} 7! https://t.co/bbbbbbbbbb"]
    stream(database, [(payload(number, text), 0.9) for number, text in enumerate(texts)])
    ((domain, posts),) = rows(cleared, "domain, posts")
    assert (domain, posts) == (None, 2)


def test_the_threshold_of_the_model_that_scored_decides_what_counts(
    cleared: psycopg.Connection, database: Settings
) -> None:
    query = """INSERT INTO model_version (model_name, dataset_version, metrics)
               VALUES ('curation', 1, '{"threshold": 0.8}') RETURNING model_version"""
    ((version,),) = cleared.execute(query).fetchall()
    stream(database, [(payload(1, "x", ARXIV), 0.7), (payload(2, "y", ARXIV), 0.85)], version)
    assert rows(cleared, "posts, ai_posts") == [(2, 1)]
    assert cleared.execute("SELECT posts, ai_posts FROM links").fetchall() == [(2, 1)]
    with connect(database.as_role("forgetter"), autocommit=True) as forgetter:
        targets = find_targets(forgetter, ["2"], [])
        results(Sweep(forgetter, database, targets, dry_run=False, say=print))
    assert cleared.execute("SELECT posts, ai_posts FROM links").fetchall() == [(1, 0)]
    assert rows(cleared) == [], "the card stood for the forgotten post"


def test_live_posts_come_first_and_others_only_when_chosen(
    service: CurationService, database: Settings
) -> None:
    stream(
        database,
        [
            (payload(1, "now", "https://live.org/1"), 0.9),
            (payload(2, "2020", "https://old.org/1", age=timedelta(days=900)), 0.9),
            (payload(3, "invented", "https://labnotes.example/1"), 0.9),
        ],
    )
    assert seen(service) == ["https://live.org/1"]
    assert seen(service, source="dump") == ["https://old.org/1"]
    assert seen(service, source="synthetic") == ["https://labnotes.example/1"]


def test_filters(service: CurationService, database: Settings) -> None:
    stream(
        database,
        [
            (payload(1, "Attention is all you need", "https://a.org/1"), 0.9),
            (payload(2, "注意 is alles", "https://b.org/1", lang="de"), 0.8),
            (payload(3, "unlikely", "https://c.org/1", lang=None), 0.3),
        ],
    )
    assert seen(service) == ["https://a.org/1", "https://b.org/1"]
    assert seen(service, q="attention NEED") == ["https://a.org/1"]
    assert seen(service, q="'; DROP TABLE repost_card; --") == []
    assert seen(service, q='"is alles"') == ["https://b.org/1"]
    assert seen(service, lang="de") == ["https://b.org/1"]
    assert seen(service, domain="a.org") == ["https://a.org/1"]
    assert seen(service, p=0.2) == ["https://a.org/1", "https://b.org/1", "https://c.org/1"]
    assert seen(service, p=0.85) == ["https://a.org/1"]
    assert seen(service, since=Filter.of_address({"since": "2999-01-01"}).since) == []
    assert service.languages("live") == ["de", "en"]


@pytest.mark.parametrize("reposts", [0, 2])
def test_pages_show_each_card_once_in_both_directions(
    service: CurationService, database: Settings, reposts: int
) -> None:
    sites = ["a.org", "b.org", "c.org"]
    posts = [
        (payload(n, f"{LONG} {n}", f"https://{sites[n % 3]}/{n}", age=timedelta(hours=n % 5)), 0.9)
        for n in range(35)
    ]
    stream(database, posts)
    for _ in range(reposts):
        walk = service.begin("bob", Filter(domain="a.org"))
        card = service.cards(walk)[walk.at]
        assert walk.lease is not None
        service.decide(walk, card, "bob", "repost", walk.lease)
    service.release("bob")
    walk = service.begin("ann", Filter())
    pages = [[place.card for place in walk.places]]
    while walk.more:
        service.move(walk, "ann", "later")
        pages.append([place.card for place in walk.places])
    flat = [card for page in pages for card in page]
    assert len(set(flat)) == len(flat) == 35 - reposts
    assert walk.first == PAGE * (len(pages) - 1) + 1
    for page in pages[-2::-1]:
        service.move(walk, "ann", "earlier")
        assert [place.card for place in walk.places] == page
    assert walk.first == 1
    ranks = [place.rank for place in walk.places]
    assert ranks == sorted(ranks, reverse=True)
    counts = service.counts(walk, "ann", None)
    assert counts.cards == 35 - reposts


def test_a_site_that_was_reposted_comes_later_and_its_text_not_again(
    service: CurationService, database: Settings
) -> None:
    stream(
        database,
        [
            (payload(1, f"{LONG} one", "https://a.org/1"), 0.99),
            (payload(2, f"{LONG} two", "https://a.org/2"), 0.98),
            (payload(3, f"{LONG} three", "https://b.org/3"), 0.9),
            (payload(4, f"{LONG} ONE!", "https://c.org/4"), 0.95),
        ],
    )
    walk = service.begin("ann", Filter())
    cards = service.cards(walk)
    assert [card.link[-1] for card in cards] == ["1", "2", "4", "3"]
    assert walk.lease is not None
    service.decide(walk, cards[0], "ann", "repost", walk.lease)
    assert [link[-1] for link in seen(service)] == ["3", "2"]


def test_another_half_life_ranks_all_cards_again(
    service: CurationService, database: Settings, cleared: psycopg.Connection
) -> None:
    stream(database, [(payload(1, "old", "https://a.org/1", age=timedelta(hours=6)), 0.9),
                      (payload(2, "new", "https://b.org/2"), 0.6)])  # fmt: skip
    assert [link[-1] for link in seen(service)] == ["1", "2"]
    changed = database.as_role("dashboard").model_copy(update={"repost_half_life_hours": 1.0})
    CurationService(changed).close()
    try:
        assert [link[-1] for link in seen(service)] == ["2", "1"]
        stream(database, [(payload(3, "newer still", "https://c.org/3"), 0.7)])
        assert [link[-1] for link in seen(service)] == ["3", "2", "1"]
    finally:
        CurationService(database.as_role("dashboard")).close()
