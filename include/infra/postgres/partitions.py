"""Tables in partitions by time: which there are, and what each holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

_PARTITIONS = """
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass(quote_ident(%s)) ORDER BY c.relname
"""
_TO = re.compile(r"TO \('([^']+)'\)$")


@dataclass(frozen=True)
class Partition:
    """A partition of a table that is partitioned by the range of a time.

    Attributes:
        before: it holds rows of before this time; None: it has no such end, or is the default partition.
        default: it takes what no other one does.
    """

    name: str
    before: datetime | None
    default: bool = False


def is_partitioned(connection: psycopg.Connection, table: str) -> bool:
    """Whether a table is there, and in partitions."""
    query = "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(quote_ident(%s))"
    row = connection.execute(query, [table]).fetchone()
    return bool(row and row[0])


def partitions(connection: psycopg.Connection, table: str) -> list[Partition]:
    """A table's partitions in the order of their names."""
    with connection.transaction():
        connection.execute("SET LOCAL timezone = 'UTC'")
        found = connection.execute(_PARTITIONS, [table]).fetchall()
    return [Partition(name, _end(bound), bound == "DEFAULT") for name, bound in found]


def drop_partition(connection: psycopg.Connection, table: str, name: str, wait_seconds: float) -> None:
    """Take a partition out of its table and drop it.

    Args:
        wait_seconds: how long it waits for those who use the table, and whoever comes then waits behind it.

    Raises:
        psycopg.errors.LockNotAvailable: the table is in use.
    """
    function = sql.Identifier(f"drop_{table}_week")  # of the table's owner, who alone may drop it
    with connection.transaction():
        wait = sql.Literal(f"{wait_seconds * 1000:.0f}ms")
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(wait))
        connection.execute(sql.SQL("SELECT {}(%s)").format(function), [name])


def _end(bound: str) -> datetime | None:
    """
    >>> _end("FOR VALUES FROM ('2026-11-23 00:00:00+00') TO ('2026-11-30 00:00:00+00')")
    datetime.datetime(2026, 11, 30, 0, 0, tzinfo=datetime.timezone.utc)
    >>> _end("FOR VALUES FROM ('2026-11-23 00:00:00+00') TO (MAXVALUE)"), _end("DEFAULT")
    (None, None)
    """
    found = _TO.search(bound)
    return datetime.fromisoformat(found[1]) if found else None
