"""Building a version's tables aside, and putting them in place in one transaction.

New tables are made in a schema of the attempt's own (``building_<version>_<attempt>``) under their
final names, and move to their place, indexes and constraints with them, when all are whole. What
fails on the way leaves the tables of before untouched; what was killed is swept by the next attempt.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from include.errors import UserError
from include.infra.postgres.connection import connect
from include.settings import Settings

FINISHED = "finished_part"
"""Names of the parts that tasks have written, see :mod:`include.datasets.spark_copy`."""


class VersionBusy(UserError):
    """Another run is building, or dropping, tables of the same version."""


@dataclass(frozen=True)
class Staging:
    """A schema of unfinished tables. ``connection`` is in autocommit, its search path is as ever."""

    connection: psycopg.Connection
    schema: str

    def create(self, table: str, columns: str) -> None:
        """Make an empty table of these columns, without keys: they are cheaper built once, at the end."""
        self._execute("CREATE TABLE {} ({})", self.name(table), sql.SQL(columns))

    def rows(self, table: str) -> int:
        """Rows of a published table."""
        statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        row = self.connection.execute(statement).fetchone()
        return int(row[0]) if row else 0

    def query(self, statement: str, *tables: str) -> list[tuple[Any, ...]]:
        """Rows of a statement whose ``{}`` are unfinished tables."""
        names = map(self.name, tables)
        return self.connection.execute(sql.SQL(statement).format(*names)).fetchall()

    def name(self, table: str) -> sql.Identifier:
        return sql.Identifier(self.schema, table)

    def publish(self, tables: Sequence[str], finish: Callable[[psycopg.Connection], None]) -> None:
        """Run ``finish`` and put the tables in the place of those of the same names: all or nothing.

        ``finish`` gets the connection inside the transaction, its search path starting with the
        staging schema: a table created there, and an unqualified name, means the unfinished one.
        """
        with self.connection.transaction():
            home = self._home()
            self._execute("SET LOCAL search_path = {}, {}", sql.Identifier(self.schema), home)
            self._execute("SET LOCAL lock_timeout = '60s'")  # a forgotten reader, not a dead run
            finish(self.connection)
            for table in tables:
                self._execute("DROP TABLE IF EXISTS {}.{}", home, sql.Identifier(table))
                self._execute("ALTER TABLE {} SET SCHEMA {}", self.name(table), home)
        for table in tables:
            self._execute("ANALYZE {}", sql.Identifier(table))

    def _home(self) -> sql.Identifier:
        row = self.connection.execute("SELECT current_schema()").fetchone()
        assert row is not None
        return sql.Identifier(row[0])

    def _execute(self, statement: str, *parts: sql.Composable) -> None:
        self.connection.execute(sql.SQL(statement).format(*parts))


@contextmanager
def staging(version: int, settings: Settings) -> Iterator[Staging]:
    """Hold the version, with an empty staging schema that is gone at the end whatever happened.

    Raises:
        VersionBusy: another run holds the version.
    """
    with connect(settings, autocommit=True) as connection:
        hold_version(connection, version)
        drop_leftovers(connection, version)
        build = Staging(connection, f"building_{version}_{uuid.uuid4().hex[:12]}")
        build._execute("CREATE SCHEMA {}", sql.Identifier(build.schema))
        build.create(FINISHED, "part text PRIMARY KEY")
        try:
            yield build
        finally:
            if not connection.closed:
                drop_leftovers(connection, version)


def hold_version(connection: psycopg.Connection, version: int) -> None:
    """Keep other builders of the version out until the connection closes.

    Raises:
        VersionBusy: another run holds the version.
    """
    query = "SELECT pg_try_advisory_lock(hashtext('tweetsieve dataset version'), %s)"
    row = connection.execute(query, [version]).fetchone()
    if not row or not row[0]:
        raise VersionBusy(f"another run is at work on dataset version {version}: wait for it, or stop it")


def drop_leftovers(connection: psycopg.Connection, version: int) -> None:
    """Drop what earlier attempts at the version left unfinished. The caller holds the version."""
    query = "SELECT nspname FROM pg_namespace WHERE nspname ~ %s ORDER BY nspname"
    for (schema,) in connection.execute(query, [f"^building_{version}_[0-9a-f]{{12}}$"]).fetchall():
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
