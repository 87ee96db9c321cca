"""How long the page To repost's queries and keys take on many cards, on a real PostgreSQL.

python -m tests.benchmarks.repost_latency [CARDS] [ROUNDS]

Starts a database of its own, fills it with cards (each row a card of its own: the most that so many
classified posts can make), some 300 decisions among them, and prints the median and the 95th percentile in
milliseconds of each query that a page or a key makes.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.curation.filters import Filter
from include.curation.service import CurationService
from include.infra.postgres.connection import connect
from include.settings import Settings
from tests.benchmarks.own_database import own_database

_FILL = """
INSERT INTO repost_card (card, id, text, lang, link, domain, twin, origin, written_at, probability,
                         model_version, first_seen, last_seen, posts, ai_posts, rank)
SELECT md5('card' || n)::uuid, n::text,
       'Post ' || n || ' on AI and ' || CASE WHEN n %% 100 = 0 THEN 'transformers' ELSE 'something' END
       || CASE WHEN n %% 20000 = 0 THEN ' quokka' ELSE '' END || ' word' || n %% 5000
       || ' read it and tell me',
       CASE WHEN n %% 1000 = 7 THEN 'fi' WHEN n %% 5 = 0 THEN 'ja' ELSE 'en' END,
       'https://site' || floor(3000 * power(random(), 4)) || '.org/' || n,
       'site' || floor(3000 * power(random(), 4)) || '.org', md5('twin' || n)::uuid,
       CASE WHEN n %% 10 = 3 THEN 'synthetic' ELSE 'live' END, at, p, 1, at, at, 1, 1,
       ln(p) / ln(2.0) + extract(epoch FROM at) / (3600 * 12)
FROM (SELECT n, 0.1 + 0.9 * power(random(), 0.4) AS p, now() - n * interval '0.6 seconds' AS at
      FROM generate_series(1, %s) AS n) AS made
"""

FILTERS = {
    "top": Filter(),
    "frequent word": Filter(q="something"),
    "one word in a hundred": Filter(q="transformers"),
    "rare word": Filter(q="quokka"),
    "no such word": Filter(q="nowhere"),
    "rare language": Filter(lang="fi"),
    "no such language": Filter(lang="xx"),
    "one site": Filter(domain="site0.org"),
    "nearly certain": Filter(p=0.999),
    "an earlier day": Filter(since=(datetime.now(UTC) - timedelta(days=5)).date(),
                             until=(datetime.now(UTC) - timedelta(days=5)).date()),
    "reposted": Filter(state="reposted"),
}  # fmt: skip


def fill(connection: psycopg.Connection[Any], cards: int) -> None:
    """So many cards, in statistics that the planner knows."""
    connection.execute(_FILL, [cards])
    connection.execute("VACUUM ANALYZE repost_card")


def decide(service: CurationService, count: int) -> None:
    """So many decisions: most are reposts, every tenth hides a site."""
    walk = service.begin("bob", Filter())
    for number in range(count):
        card = next(one for one in service.cards(walk) if one.card == walk.card)
        assert walk.lease is not None
        service.decide(walk, card, "bob", "hide_domain" if number % 10 == 9 else "repost", walk.lease)
    service.release("bob")


def timed(times: dict[str, list[float]], name: str, act: Callable[..., Any], *args: Any) -> Any:
    start = time.perf_counter()
    try:
        found = act(*args)
    except psycopg.errors.QueryCanceled:
        found = None
        print(f"{name}: took longer than the page waits")
    times.setdefault(name, []).append((time.perf_counter() - start) * 1000)
    return found


def measure(service: CurationService, rounds: int) -> dict[str, list[float]]:
    """Milliseconds by what was asked."""
    times: dict[str, list[float]] = {}
    visit = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(rounds):
        for name, wanted in FILTERS.items():
            walk = timed(times, f"page: {name}", service.begin, "ann", wanted)
            if walk is None:
                continue
            timed(times, "page: its cards", service.cards, walk)
            timed(times, f"count: {name}", service.counts, walk, "ann", visit)
        walk = service.begin("ann", Filter())
        for _ in range(3):
            timed(times, "page: later", service.move, walk, "ann", "later")
        timed(times, "page: earlier", service.move, walk, "ann", "earlier")
        timed(times, "key: next", service.move, walk, "ann", "forth")
        timed(times, "key: previous", service.move, walk, "ann", "back")
        card = next(one for one in service.cards(walk) if one.card == walk.card)
        for key in ("repost", "hide", "hide_domain", "wrong"):
            lease = walk.lease
            timed(times, f"key: {key}", service.decide, walk, card, "ann", key, lease)
            timed(times, "key: undo", service.undo, walk, "ann")
    return times


def measured(settings: Settings, cards: int, rounds: int) -> None:
    with connect(settings, autocommit=True) as connection:
        fill(connection, cards)
    service = CurationService(settings)
    decide(service, 300)
    service.begin("ann", Filter())
    for name, found in measure(service, rounds).items():
        worst = statistics.quantiles(found, n=20)[-1]
        print(f"{name:32} median {statistics.median(found):7.1f}   p95 {worst:7.1f}")
    service.close()


@command
def main(argv: Sequence[str] | None = None) -> int:
    parser = CommandParser("tests.benchmarks.repost_latency", __doc__)
    add = parser.add_argument
    add("cards", type=whole_number(1_000), nargs="?", default=1_000_000, help="1,000,000 by default")
    add("rounds", type=whole_number(2), nargs="?", default=40, help="how often each is asked; 40 by default")
    given = parser.parse_args(argv)
    with own_database() as settings:
        measured(settings, given.cards, given.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
