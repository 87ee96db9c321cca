"""Queues: which post an annotator gets next."""

from __future__ import annotations

from typing import Any, LiteralString, NamedTuple

import psycopg
from psycopg import sql

from include.datasets.tables import VersionTables, require_table
from include.golden import leases
from include.golden.item import QUEUES, Item
from include.settings import Settings


class _Plan(NamedTuple):
    """Which splits a queue draws from, one after the other, and in what order."""

    splits: tuple[str, ...]
    order: LiteralString


_PLANS = {
    # Each split is itself a random sample, and the hash of a hash is as good as a shuffle.
    "random": _Plan(("test", "dev", "train", "snorkel_train"), "md5(s.text_hash)"),
    # Never from test: what was picked for being hard must not measure.
    "uncertainty": _Plan(
        ("train", "snorkel_train", "dev"), "abs(coalesce(s.weak_probability, 0.5) - 0.5), md5(s.text_hash)"
    ),
}

_FREE = """
    NOT EXISTS (SELECT FROM labelling_lease l
                WHERE l.text_hash = s.text_hash AND l.expires_at >= clock_timestamp())
    AND NOT EXISTS (SELECT FROM label_event e
                    WHERE e.text_hash = s.text_hash
                      AND (e.label IS NOT NULL OR (e.annotator = %(annotator)s AND e.action <> 'undo'))
                      AND NOT EXISTS (SELECT FROM label_event u WHERE u.undoes = e.id))
"""
"""Nobody holds it, nobody's label of it stands, and this annotator has not passed it over."""


def next_item(
    connection: psycopg.Connection,
    annotator: str,
    version: int | str,
    queue: str = "random",
    settings: Settings | None = None,
) -> Item | None:
    """Lease the next post of a queue; one's own unfinished item comes first.

    The order is fixed by the texts' hashes, so that any number of annotators walk through the same
    list and never get the same post. Give it an autocommit connection: the lease must be seen by others.

    Returns:
        The item, or None where the queue is empty for this annotator.

    Raises:
        ValueError: no name, or no such queue.
        MissingTable: the version is not built; it names the DAG to run.
    """
    if not annotator.strip() or queue not in QUEUES:
        raise ValueError(
            f"annotator {annotator!r}, queue {queue!r}: a name is needed, and one of {', '.join(QUEUES)}"
        )
    tables = VersionTables.of(version, settings)
    for table in tables.splits.values():
        require_table(connection, table, "build_dataset")
    with connection.transaction():
        own = _own(connection, annotator, tables)
    if own is not None:
        return own
    for split in _PLANS[queue].splits:
        while (found := _lease_first(connection, annotator, tables, queue, split)) != "empty":
            if isinstance(found, Item):
                return found
    return None


def _own(connection: psycopg.Connection, annotator: str, tables: VersionTables) -> Item | None:
    """The item the annotator left unfinished, its lease renewed."""
    held = leases.renew(connection, annotator, tables.version)
    if held is None:
        return None
    lease_id, text_hash, queue = held
    for table in tables.splits.values():
        row = _post(connection, table, text_hash)
        if row is not None:
            return Item(lease_id, annotator, tables.version, queue, *row)
    leases.finish(connection, lease_id)  # the version was built anew, without this text
    return _own(connection, annotator, tables)


def _lease_first(
    connection: psycopg.Connection, annotator: str, tables: VersionTables, queue: str, split: str
) -> Item | str:
    """Try to lease the first free text of a split: the item, 'empty', or 'taken' (then try again)."""
    table = tables.split(split)
    query = sql.SQL(
        "SELECT s.text_hash FROM {} s WHERE {} ORDER BY {} LIMIT 1 FOR UPDATE OF s SKIP LOCKED"
    ).format(sql.Identifier(table), sql.SQL(_FREE), sql.SQL(_PLANS[queue].order))
    with connection.transaction():
        row = connection.execute(query, {"annotator": annotator}).fetchone()
        if row is None:
            return "empty"
        lease_id = leases.take(connection, row[0], tables.version, annotator, queue)
        post = _post(connection, table, row[0])
        if lease_id is None or post is None:
            return "taken"
        if _labelled_meanwhile(connection, row[0]):
            leases.finish(connection, lease_id)
            return "taken"
        return Item(lease_id, annotator, tables.version, queue, *post)


def _post(connection: psycopg.Connection, table: str, text_hash: str) -> tuple[Any, ...] | None:
    """What an item shows of a post, in the order of its fields."""
    query = sql.SQL(
        "SELECT text_hash, id, text, lang, links, keywords, is_retweet FROM {} WHERE text_hash = %s"
    ).format(sql.Identifier(table))
    row = connection.execute(query, [text_hash]).fetchone()
    return None if row is None else (*row[:4], tuple(row[4]), tuple(row[5]), row[6])


def _labelled_meanwhile(connection: psycopg.Connection, text_hash: str) -> bool:
    """Whether a label arrived between the search and the lease; a new statement sees it."""
    row = connection.execute(
        """SELECT FROM label_event e WHERE e.text_hash = %s AND e.label IS NOT NULL
           AND NOT EXISTS (SELECT FROM label_event u WHERE u.undoes = e.id)""",
        [text_hash],
    ).fetchone()
    return row is not None
