"""The table of posts, from one table to one in partitions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.infra.postgres.connection import connect
from include.infra.postgres.partitions import partitions
from include.schema.upgrade import upgrade_schema
from include.settings import Settings
from tests.support.schema.own_database import own_database

pytestmark = pytest.mark.stack

ROWS = """
INSERT INTO ai_tweets SELECT 't', n % 4, n, n::text, NULL, 'en', 'text ' || n, ARRAY['https://a/' || n], '{}',
    0.5, 3, CASE WHEN n % 1000 = 1 THEN 'epoch' WHEN n % 1000 = 2 THEN '2999-01-01' WHEN n = 3 THEN 'infinity'
            ELSE now() - make_interval(hours => n) END
FROM generate_series(1, 20000) AS n
"""
HASH = "SELECT count(*), md5(string_agg(p::text, ' ' ORDER BY kafka_offset)) FROM ai_tweets AS p"


@pytest.fixture
def before(database: Settings) -> Iterator[Settings]:
    """A database from before, with more than two years of posts, and some of impossible times."""
    with own_database(database, "weeks_test") as own:
        upgrade_schema(own, to="0010")
        with connect(own) as connection:
            connection.execute("DROP ROLE IF EXISTS weeks_reader")
            connection.execute("CREATE ROLE weeks_reader")
            connection.execute("GRANT SELECT, INSERT ON ai_tweets TO weeks_reader")
            connection.execute(ROWS)
        yield own
        with connect(own) as connection:
            connection.execute("DROP OWNED BY weeks_reader")
            connection.execute("DROP ROLE weeks_reader")


def test_every_row_is_kept_and_in_its_week(before: Settings) -> None:
    with connect(before) as connection:
        rows = connection.execute(HASH).fetchone()
    upgrade_schema(before)
    with connect(before, autocommit=True) as connection:
        assert connection.execute(HASH).fetchone() == rows
        found = partitions(connection, "ai_tweets")
        assert sum(one.default for one in found) == 1
        assert 20_000 / 24 / 7 < len(found) < 20_000 / 24 / 7 + 14
        strays = connection.execute("SELECT count(*) FROM ai_tweets_default").fetchone()
        assert strays == (41,)
        allowed = "SELECT has_table_privilege('weeks_reader', 'ai_tweets', 'INSERT')"
        assert connection.execute(allowed).fetchone() == (True,)
        assert connection.execute("SELECT to_regclass('ai_tweets_whole')").fetchone() == (None,)


def test_applied_again_it_changes_nothing(before: Settings) -> None:
    upgrade_schema(before, to="0011")
    with connect(before) as connection:
        rows, there = connection.execute(HASH).fetchone(), partitions(connection, "ai_tweets")
        connection.execute("UPDATE alembic_version SET version_num = '0010'")
    upgrade_schema(before, to="0011")
    with connect(before) as connection:
        assert (connection.execute(HASH).fetchone(), partitions(connection, "ai_tweets")) == (rows, there)
