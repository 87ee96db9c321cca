"""COPY into Postgres, by which rows are written in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql


def copy_rows(
    connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Append rows by COPY, within the connection's transaction; returns how many.

    The text form is used, so that the server converts to the columns' own types and psycopg
    escapes whatever a post holds. A list or tuple is an array where each element is a string.

    Args:
        table: its name in the connection's search path.
        rows: values in the order of ``columns``.

    Raises:
        psycopg.Error: a row the table refuses; the transaction is lost with it. U+0000 is such a
            row: Postgres has no text that holds it.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
