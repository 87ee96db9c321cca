"""An annotator's desk: everything the tagger page asks for, over one pool of connections."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from include.database import connect, conninfo
from include.datasets.tables import VersionTables, create_shared_tables
from include.golden import events
from include.golden.item import Item
from include.golden.progress import Progress, posts_to_label, progress
from include.golden.queue import next_item
from include.settings import Settings

PATIENCE = 5.0
"""Seconds to wait for a connection before the page says that there is none."""


class Desk:
    """Shared by all annotators of one page server; each call is committed when it returns.

    Every call raises psycopg.OperationalError while the database does not answer, and works again
    when it does.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        with connect(settings) as connection:
            create_shared_tables(connection)
        self._pool = ConnectionPool(
            conninfo(settings),
            kwargs={"autocommit": True},
            min_size=0,
            max_size=8,
            timeout=PATIENCE,
            check=ConnectionPool.check_connection,
            open=True,
        )

    def versions(self) -> list[int]:
        """Dataset versions that have their splits."""
        with self._pool.connection() as connection:
            return _versions(connection)

    def next(self, annotator: str, version: int, queue: str) -> Item | None:
        """The annotator's item; None where the queue is empty."""
        with self._pool.connection() as connection:
            return next_item(connection, annotator, version, queue, self._settings)

    def record(self, item: Item, action: events.Action, label: int | None, **seen: Any) -> int | None:
        """See ``events.record``."""
        with self._pool.connection() as connection:
            return events.record(connection, item, action, label, **seen)

    def undo(self, annotator: str, expected: int | None) -> int | None:
        """See ``events.undo``."""
        with self._pool.connection() as connection:
            return events.undo(connection, annotator, expected)

    def last_event(self, annotator: str) -> int | None:
        """What an undo would undo."""
        with self._pool.connection() as connection:
            return events.last_event(connection, annotator)

    def progress(self, version: int) -> list[Progress]:
        """What each annotator has done on the version."""
        with self._pool.connection() as connection:
            return progress(connection, version)

    def golden(self, version: int) -> dict[str, tuple[int, int]]:
        """Texts with an agreed label, and texts in all, of each split."""
        with self._pool.connection() as connection:
            return posts_to_label(connection, VersionTables.of(version, self._settings).splits)

    def close(self) -> None:
        """Close the pool's connections."""
        self._pool.close()


def _versions(connection: psycopg.Connection) -> list[int]:
    rows = connection.execute(
        r"""SELECT substr(tablename, length('test_dataset_') + 1)::int FROM pg_tables
            WHERE tablename ~ '^test_dataset_\d{1,9}$' AND schemaname = ANY (current_schemas(false))
            ORDER BY 1"""
    )
    return [version for (version,) in rows]
