"""Old rows of tables in partitions by time: they go as whole partitions.

A partition goes when all of it is older than the limit. The default partition, which has no end, is thinned
row by row as other tables are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
from psycopg import sql
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from include.errors import UserError
from include.housekeeping import batches
from include.housekeeping.batches import OldRows, count_old, delete_old
from include.infra.postgres.partitions import Partition, drop_partition, partitions

WAIT_SECONDS, TRIES = 1.0, 30
"""Who reads the table makes a try fail, and whoever comes in that second waits: so it is short, and often."""


class PartitionInUse(UserError):
    """An old partition that could not be dropped."""


def count_expired(connection: psycopg.Connection, rows: OldRows) -> int:
    """How many rows there are in old partitions, and old ones in the default one."""
    there = partitions(connection, rows.table)
    expired = sum(_count(connection, one.name) for one in there if _is_old(one, rows))
    return expired + sum(count_old(connection, replace(rows, table=one.name)) for one in there if one.default)


def expire(connection: psycopg.Connection, rows: OldRows) -> Iterator[int]:
    """Drop old partitions, and delete old rows of the default one; yields how many rows each step was.

    Args:
        connection: in autocommit.

    Raises:
        PartitionInUse: somebody used the table whenever it was tried.
    """
    for one in partitions(connection, rows.table):
        if _is_old(one, rows):
            count = _count(connection, one.name)
            _drop(connection, rows.table, one.name)
            yield count
        elif one.default:
            yield from delete_old(connection, replace(rows, table=one.name), batches.BATCH)


def _is_old(one: Partition, rows: OldRows) -> bool:
    return one.before is not None and one.before <= rows.before


def _drop(connection: psycopg.Connection, table: str, name: str) -> None:
    trying = Retrying(
        retry=retry_if_exception_type(psycopg.errors.LockNotAvailable),
        stop=stop_after_attempt(TRIES),
        wait=wait_random(0.1, 1.0),
        reraise=True,
    )
    try:
        trying(drop_partition, connection, table, name, WAIT_SECONDS)
    except psycopg.errors.LockNotAvailable:
        raise PartitionInUse(f"{name} is in use: it is dropped the next time") from None


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return row[0] if row else 0
