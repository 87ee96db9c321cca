"""Posts go by the week: whole partitions, and nothing beside them."""

from __future__ import annotations

import threading

import psycopg
import pytest

from include.housekeeping import expiry
from include.housekeeping.expiry import PartitionInUse
from include.housekeeping.keep_house import remove_old
from include.housekeeping.tables import KeptTable, result_tables
from include.infra.postgres.connection import connect
from include.infra.postgres.partitions import partitions
from include.schema.post_weeks import make_weeks
from include.settings import Settings

pytestmark = pytest.mark.stack

POST = (
    "INSERT INTO ai_tweets (topic, kafka_partition, kafka_offset, id, text, links, hashtags, probability,"
    " model_version, arrived_at) SELECT 't', 0, n + %(first)s, 'i', 'x', '{}', '{}', 0.5, 1,"
    " %(at)s::timestamptz + make_interval(secs => n) FROM generate_series(1, %(count)s) AS n"
)
WEEK = "SELECT date_trunc('week', now(), 'UTC') - make_interval(weeks => %s)"


@pytest.fixture
def posts(house: Settings) -> KeptTable:
    return next(kind for kind in result_tables(house) if kind.table == "ai_tweets")


def add(rows: psycopg.Connection, weeks_ago: int, count: int, *, partition: bool = True) -> None:
    """Posts from the beginning of a week on, whose partition is made."""
    at = rows.execute(WEEK, [weeks_ago]).fetchone()
    assert at is not None
    if partition:
        rows.execute("SELECT make_ai_tweets_weeks(%s, %s)", [at[0], at[0]])
    rows.execute(POST, {"first": 1000 * weeks_ago, "at": at[0], "count": count})


def names(rows: psycopg.Connection) -> list[str]:
    return [one.name for one in partitions(rows, "ai_tweets")]


def left(rows: psycopg.Connection) -> int:
    row = rows.execute("SELECT count(*) FROM ai_tweets").fetchone()
    return row[0] if row else 0


def test_whole_weeks_go_and_the_week_of_the_limit_stays(
    house: Settings, rows: psycopg.Connection, posts: KeptTable
) -> None:
    for weeks_ago, count in ((0, 3), (9, 30), (10, 40), (60, 50)):
        add(rows, weeks_ago, count)
    before = names(rows)
    assert posts.outdated(house, 9 * 7) == 90
    assert sorted(posts.remove(house, 9 * 7)) == [40, 50]
    assert left(rows) == 33
    assert len(before) - len(names(rows)) == 2
    assert sum(posts.remove(house, 9 * 7)) == 0
    assert posts.size(house).count == 33
    assert posts.size(house).bytes > 0


def test_rows_of_no_week_go_by_their_own_time(
    house: Settings, rows: psycopg.Connection, posts: KeptTable
) -> None:
    add(rows, 100, 20, partition=False)
    rows.execute(POST, {"first": 1, "at": "9999-01-01", "count": 2})
    assert posts.outdated(house, 365) == 20
    assert sum(posts.remove(house, 365)) == 20
    assert left(rows) == 2


def test_a_week_that_is_made_late_takes_its_rows_from_the_default_partition(rows: psycopg.Connection) -> None:
    add(rows, 30, 20, partition=False)
    add(rows, 30, 0)
    row = rows.execute(
        "SELECT count(*), count(DISTINCT tableoid), min(tableoid::regclass::text) FROM ai_tweets"
    ).fetchone()
    assert row is not None
    assert row[:2] == (20, 1)
    assert row[2].startswith("ai_tweets_w")


def test_a_night_of_housekeeping_makes_the_next_weeks(house: Settings, rows: psycopg.Connection) -> None:
    ahead = max(name for name in names(rows) if name != "ai_tweets_default")
    rows.execute(f"DROP TABLE {ahead}")
    remove_old(house, kinds=[], dry_run=True)
    assert ahead not in names(rows)
    remove_old(house, kinds=[])
    assert ahead in names(rows)


def test_who_reads_an_old_week_is_waited_for_but_not_for_ever(
    house: Settings, rows: psycopg.Connection, posts: KeptTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(rows, 60, 10)
    monkeypatch.setattr(expiry, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(expiry, "TRIES", 2)
    with connect(house) as reader:
        reader.execute("SELECT count(*) FROM ai_tweets").fetchone()
        with pytest.raises(PartitionInUse, match=r"ai_tweets_w\d+ is in use"):
            list(posts.remove(house, 365))
        assert left(rows) == 10
        monkeypatch.setattr(expiry, "TRIES", 100)
        gone: list[int] = []
        waiting = threading.Thread(target=lambda: gone.extend(posts.remove(house, 365)))
        waiting.start()
        reader.rollback()
        waiting.join(30)
    assert gone == [10]


def test_a_table_in_use_makes_no_start_fail(house: Settings, rows: psycopg.Connection) -> None:
    ahead = max(name for name in names(rows) if name != "ai_tweets_default")
    rows.execute(f"DROP TABLE {ahead}")
    with connect(house) as reader, connect(house, autocommit=True) as starting:
        reader.execute("SELECT count(*) FROM ai_tweets").fetchone()
        make_weeks(starting)  # waits 5 s, then goes on
        assert ahead not in names(rows)
    make_weeks(rows)
    assert ahead in names(rows)
