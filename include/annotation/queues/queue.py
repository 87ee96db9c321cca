"""Queues: which post an annotator gets next."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from include.annotation.queues import leases
from include.annotation.queues.item import QUEUES, Item
from include.annotation.queues.queue_sql import NOT_HELD, QUEUE_QUERIES, QueueQuery
from include.annotation.queues.roles import require_adjudicator
from include.schema.dataset_tables import VersionTables, require_table
from include.settings import Settings, get_settings


def next_item(
    connection: psycopg.Connection,
    annotator: str,
    version: int | str,
    queue: str = "random",
    settings: Settings | None = None,
) -> Item | None:
    """Lease the next post of a queue; one's own unfinished item comes first.

    The order is fixed: any number of annotators go through the same list and never hold the same post.
    The random queue gives the share ``tagger_overlap`` of its posts to a second annotator too; the queue
    of such an item is ``overlap``. Needs an autocommit connection, so that others see the lease.

    Returns:
        The item, or None where the queue is empty for this annotator.

    Raises:
        ValueError: no name, or no such queue.
        NotAdjudicator: the queue ``adjudication`` for somebody else.
        MissingTable: the version is not built; it names the DAG to run.
    """
    settings = settings or get_settings()
    if not annotator.strip() or queue not in QUEUES:
        raise ValueError(
            f"annotator {annotator!r}, queue {queue!r}: a name is needed, and one of {', '.join(QUEUES)}"
        )
    if queue == "adjudication":
        require_adjudicator(annotator, settings)
    tables = VersionTables.of(version, settings)
    for table in tables.splits.values():
        require_table(connection, table, "build_dataset")
    with connection.transaction():
        own = _own(connection, annotator, tables)
    return own or _QueueSearch(connection, annotator, tables, queue, settings.tagger_overlap).first()


def _own(connection: psycopg.Connection, annotator: str, tables: VersionTables) -> Item | None:
    """The item the annotator left unfinished, its lease renewed."""
    held = leases.renew(connection, annotator, tables.version)
    if held is None:
        return None
    lease_id, text_hash, queue = held
    post = find_post(connection, tables, text_hash)
    if post is not None:
        return Item(lease_id, annotator, tables.version, queue, *post)
    leases.finish(connection, lease_id)  # the version was rebuilt without this text
    return _own(connection, annotator, tables)


class _QueueSearch:
    """The search of one annotator for the next free text of one queue."""

    def __init__(
        self,
        connection: psycopg.Connection,
        annotator: str,
        tables: VersionTables,
        queue: str,
        share: float,
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._query: QueueQuery = QUEUE_QUERIES[queue]  # type: ignore[index]
        self._values: dict[str, Any] = {
            "annotator": annotator,
            "version": tables.version,
            "queue": queue,
            "share": share,
        }

    def first(self) -> Item | None:
        """The first free text, leased; None at the end of the queue."""
        for split in self._query.splits:
            while (found := self._lease_first(split)) != "empty":
                if isinstance(found, Item):
                    return found
        return None

    def _lease_first(self, split: str) -> Item | str:
        """Try to lease the first free text: the item, 'empty', or 'taken' (then try again)."""
        with self._connection.transaction():
            row = self._connection.execute(self._search(split), self._values).fetchone()
            return "empty" if row is None else self._lease(row[0])

    def _search(self, split: str) -> sql.Composed:
        query = self._query
        statement = (
            f"SELECT s.text_hash FROM {query.source} {NOT_HELD} AND {query.wanted}"  # noqa: S608
            f" ORDER BY {query.order} LIMIT 1"
        )
        table = sql.Identifier(self._tables.split(split)) if split else sql.SQL("")
        return sql.SQL(statement).format(split=table, test=sql.Identifier(self._tables.split("test")))

    def _lease(self, text_hash: str) -> Item | str:
        post = find_post(self._connection, self._tables, text_hash)
        if post is None:
            self._remove(text_hash)
            return "taken"
        queue = self._queue_of(text_hash)
        annotator, version = self._values["annotator"], self._tables.version
        lease_id = leases.take(self._connection, text_hash, version, annotator, queue)
        if lease_id is None:
            return "taken"
        if not self._still_wanted(text_hash) or self._queue_of(text_hash) != queue:
            leases.finish(self._connection, lease_id)
            return "taken"
        return Item(lease_id, annotator, version, queue, *post)

    def _queue_of(self, text_hash: str) -> str:
        """A text that the random queue gives out again belongs to ``overlap``: it is no random draw."""
        queue: str = self._values["queue"]
        if queue != "random":
            return queue
        seen = self._connection.execute(
            "SELECT FROM standing_event WHERE text_hash = %s AND label IS NOT NULL LIMIT 1", [text_hash]
        ).fetchone()
        return "random" if seen is None else "overlap"

    def _still_wanted(self, text_hash: str) -> bool:
        """Whether no label was added between search and lease; a new statement sees a new snapshot."""
        statement = f"SELECT FROM (SELECT %(text_hash)s::text AS text_hash) s WHERE {self._query.wanted}"
        row = self._connection.execute(statement, self._values | {"text_hash": text_hash}).fetchone()
        return row is not None

    def _remove(self, text_hash: str) -> None:
        """Remove a text from a targeted queue: the version was rebuilt since, and no longer has it."""
        self._connection.execute(
            "DELETE FROM labelling_queue WHERE version = %s AND queue = %s AND text_hash = %s",
            [self._tables.version, self._values["queue"], text_hash],
        )


_POST = """
SELECT s.text_hash, s.id, s.text, s.lang, s.links, s.keywords, s.is_retweet, s.weak_probability
FROM {} s WHERE s.text_hash = %s
"""

_REPORTED = """
SELECT text_hash, post_id, text, lang, ARRAY[link], '{}'::text[], false, NULL::float8
FROM reported_post WHERE text_hash = %s
"""


def find_post(
    connection: psycopg.Connection, tables: VersionTables, text_hash: str
) -> tuple[Any, ...] | None:
    """What an item shows of a post, in the order of its fields; None where there is no such text.

    A text that a curator reported need not be in the version.
    """
    query = sql.SQL(" UNION ALL ").join(
        sql.SQL(_POST).format(sql.Identifier(table)) for table in tables.splits.values()
    )
    row = connection.execute(query, [text_hash] * len(tables.splits)).fetchone()
    if row is None:
        row = connection.execute(_REPORTED, [text_hash]).fetchone()
    return None if row is None else (*row[:4], tuple(row[4]), tuple(row[5]), *row[6:])
