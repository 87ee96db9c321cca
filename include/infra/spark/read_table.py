"""Reading one of our tables into Spark in parts, whatever its columns are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import psycopg

from include.infra.postgres.connection import connect, jdbc_url
from include.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PAGES_PER_PART = 1024
"""Pages of 8 KiB that one task reads: 8 MiB of table, some 20,000 posts."""


def read_table(spark: SparkSession, table: str, columns: Sequence[str], settings: Settings) -> DataFrame:
    """Some columns of a table, read over JDBC by ranges of its pages (a range scan on ``ctid``).

    The parts are equal whatever the rows contain. The last has no upper end, so that every row is in
    exactly one. Rows must not be updated meanwhile: hold the version (:mod:`include.datasets.staging`).
    """
    with connect(settings) as connection:
        parts = page_ranges(pages(connection, table))
    reader = spark.read.options(
        driver="org.postgresql.Driver",
        user=settings.database_user,
        password=settings.database_password.get_secret_value(),
        fetchsize="10000",
    )
    frame = reader.jdbc(jdbc_url(settings), f'"{table}"', predicates=parts)
    return frame.select(*columns)


def pages(connection: psycopg.Connection, table: str) -> int:
    """Pages of a table now."""
    query = "SELECT pg_relation_size(quote_ident(%s)::regclass) / current_setting('block_size')::bigint"
    row = connection.execute(query, [table]).fetchone()
    return int(row[0]) if row else 0


def page_ranges(count: int, size: int = PAGES_PER_PART) -> list[str]:
    """Conditions on ``ctid`` that divide a table of ``count`` pages.

    >>> page_ranges(10, 4)
    ["ctid >= '(0,0)' AND ctid < '(4,0)'", "ctid >= '(4,0)' AND ctid < '(8,0)'", "ctid >= '(8,0)'"]
    >>> page_ranges(0)
    ["ctid >= '(0,0)'"]
    """
    starts = range(0, max(count, 1), size)
    ranges = [f"ctid >= '({start},0)' AND ctid < '({start + size},0)'" for start in starts]
    return [*ranges[:-1], f"ctid >= '({starts[-1]},0)'"]
