"""A hash of a table's content, to check whether two runs made the same rows."""

from __future__ import annotations

import hashlib

import psycopg
from psycopg import sql

from include.schema.dataset_tables import MissingTable

LEFT_OUT = ("ingested_at",)
"""Columns that depend on when a run took place, not on its content."""

_SUM = "COALESCE(sum(('x' || substr(md5(content), {}, 16))::bit(64)::bigint::numeric), 0)"


def table_fingerprint(connection: psycopg.Connection, table: str) -> tuple[int, str]:
    """The number of rows, and a hash that depends neither on their order nor on that of the columns.

    Postgres adds up the MD5 of each row, as two signed 64-bit numbers, and returns only the two sums. A row
    that occurs twice counts twice. The hash detects accidental differences, not forgery.

    Raises:
        MissingTable: there is no such table.
    """
    with connection.transaction(force_rollback=True):  # restores the time zone
        connection.execute("SET LOCAL timezone TO 'UTC'")
        columns = _columns(connection, table)
        query = sql.SQL("SELECT count(*), {}, {} FROM (SELECT ROW({})::text AS content FROM {}) AS rows")
        row = connection.execute(
            query.format(
                sql.SQL(_SUM.format(1)),
                sql.SQL(_SUM.format(17)),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.Identifier(table),
            )
        ).fetchone()
    assert row is not None
    return row[0], hashlib.sha256(repr((columns, *map(str, row))).encode()).hexdigest()


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(%s)) "
        "AND attnum > 0 AND NOT attisdropped AND NOT attname = ANY (%s) ORDER BY attname",
        [table, list(LEFT_OUT)],
    ).fetchall()
    if not found:
        raise MissingTable(f"table {table} is missing: nothing to take a fingerprint of")
    return [name for (name,) in found]
