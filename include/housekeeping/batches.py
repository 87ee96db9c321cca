"""Deleting old rows of a table in batches: each is a transaction of its own, and waits for no row.

A row that somebody else has locked is passed over until the next time, so that no stream waits for more than
one batch, and none can end up in a deadlock with it. What a batch deleted stays deleted when the process is
killed; the next run goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql

BATCH = 5_000
"""Rows that one transaction looks at, and deletes at most."""

LOCK_SECONDS = 10
"""How long a batch waits for a table that is being changed as a whole."""


@dataclass(frozen=True)
class OldRows:
    """Which rows of a table are old.

    Attributes:
        table: its name.
        time: the column that says how old a row is.
        key: the columns of a unique key.
        only: a condition; rows that don't meet it are kept whatever their age.
        values: parameters of that condition.
    """

    table: str
    time: str
    key: tuple[str, ...]
    before: datetime
    only: LiteralString = "true"
    values: Mapping[str, Any] = field(default_factory=dict)

    def condition(self) -> sql.Composed:
        """What old rows meet."""
        return sql.SQL("{} < %(before)s AND ({})").format(sql.Identifier(self.time), sql.SQL(self.only))

    def parameters(self) -> dict[str, Any]:
        """Of that condition."""
        return {**self.values, "before": self.before}


def count_old(connection: psycopg.Connection, rows: OldRows) -> int:
    """How many there are; reads the table."""
    query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(sql.Identifier(rows.table), rows.condition())
    found = connection.execute(query, rows.parameters()).fetchone()
    return found[0] if found else 0


def delete_old(connection: psycopg.Connection, rows: OldRows, size: int) -> Iterator[int]:
    """Delete old rows; yields how many each batch was.

    By an index on the time where there is one. Else all rows are looked at in the order of the key.

    Args:
        connection: in autocommit.
        size: rows of a batch.
    """
    if _has_index_on(connection, rows.table, rows.time):
        yield from _by_time(connection, rows, size)
    else:
        yield from _by_key(connection, rows, size)


def _by_time(connection: psycopg.Connection, rows: OldRows, size: int) -> Iterator[int]:
    chosen = sql.SQL("WHERE {} ORDER BY {} LIMIT {}").format(
        rows.condition(), sql.Identifier(rows.time), sql.Literal(size)
    )
    while gone := _delete(connection, rows.table, chosen, rows.parameters()):
        yield gone


def _by_key(connection: psycopg.Connection, rows: OldRows, size: int) -> Iterator[int]:
    after: Sequence[Any] | None = None
    while True:
        last = _end_of_page(connection, rows, after, size)
        bounds = [
            *([_compared(rows.key, ">", after)] if after is not None else []),
            *([_compared(rows.key, "<=", last)] if last is not None else []),
            rows.condition(),
        ]
        chosen = sql.SQL("WHERE {}").format(sql.SQL(" AND ").join(bounds))
        yield _delete(connection, rows.table, chosen, rows.parameters())
        if last is None:
            return
        after = last


def _end_of_page(
    connection: psycopg.Connection, rows: OldRows, after: Sequence[Any] | None, size: int
) -> Sequence[Any] | None:
    """The key of the last row of the page after ``after``; None where the table ends before it."""
    query = sql.SQL("SELECT {key} FROM {table} {where} ORDER BY {key} OFFSET {offset} LIMIT 1").format(
        key=_columns(rows.key),
        table=sql.Identifier(rows.table),
        where=sql.SQL("WHERE {}").format(_compared(rows.key, ">", after)) if after else sql.SQL(""),
        offset=sql.Literal(size - 1),
    )
    return connection.execute(query).fetchone()


def _delete(
    connection: psycopg.Connection, table: str, chosen: sql.Composed, parameters: Mapping[str, Any]
) -> int:
    query = sql.SQL(
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY("
        "SELECT ctid FROM {table} {chosen} FOR UPDATE SKIP LOCKED))"
    ).format(table=sql.Identifier(table), chosen=chosen)
    with connection.transaction():
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(f"{LOCK_SECONDS}s")))
        return connection.execute(query, parameters).rowcount


def _columns(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _compared(key: Sequence[str], how: LiteralString, values: Sequence[Any]) -> sql.Composed:
    """The rows whose key comes after, or not after, these values."""
    literals = sql.SQL(", ").join(map(sql.Literal, values))
    return sql.SQL("({}) {} ({})").format(_columns(key), sql.SQL(how), literals)


def _has_index_on(connection: psycopg.Connection, table: str, column: str) -> bool:
    """Whether a usable index of all rows begins with the column."""
    query = """
        SELECT EXISTS (
            SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = to_regclass(quote_ident(%s)) AND a.attname = %s
              AND i.indisvalid AND i.indpred IS NULL
        )
    """
    row = connection.execute(query, [table, column]).fetchone()
    return bool(row and row[0])
