"""Building a version's tables in a staging schema, and publishing them in one transaction.

New tables are created in a schema of each attempt (``building_<version>_<attempt>``) under their final
names, and are moved with their indexes and constraints when all are complete. An attempt that fails leaves
the existing tables untouched; what a killed attempt left is dropped by the next one.
"""

from __future__ import annotations

import logging
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
from include.tombstones.table import leave_out

log = logging.getLogger(__name__)

FINISHED = "finished_part"
"""The table with the names of the parts that tasks have written, see :mod:`include.datasets.spark_copy`."""


class VersionBusy(UserError):
    """Another run is building, or dropping, tables of the same version."""


@dataclass(frozen=True)
class Staging:
    """A schema of unfinished tables. ``connection`` is in autocommit mode, with the default search path."""

    connection: psycopg.Connection
    schema: str

    def create(self, table: str, columns: str) -> None:
        """Create an empty table of these columns, without keys, which are cheaper to build at the end."""
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
        """Run ``finish`` and replace the tables of the same names: all or nothing.

        ``finish`` gets the connection inside the transaction. Its search path starts with the staging
        schema, so that unqualified names mean the unfinished tables. Posts that were forgotten meanwhile
        are left out.
        """
        with self.connection.transaction():
            home = self._home()
            self._execute("SET LOCAL search_path = {}, {}", sql.Identifier(self.schema), home)
            self._execute("SET LOCAL lock_timeout = '60s'")  # fail rather than wait for a forgotten reader
            finish(self.connection)
            for table in tables:
                self.leave_out_forgotten(table)
                self._execute("DROP TABLE IF EXISTS {}.{}", home, sql.Identifier(table))
                self._execute("ALTER TABLE {} SET SCHEMA {}", self.name(table), home)
        for table in tables:
            self._execute("ANALYZE {}", sql.Identifier(table))

    def leave_out_forgotten(self, table: str) -> int:
        """Delete forgotten posts from an unfinished table; how many there were."""
        columns = self.connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE (table_schema, table_name) = (%s, %s)",
            [self.schema, table],
        ).fetchall()
        left_out = leave_out(self.connection, self.name(table), [name for (name,) in columns])
        if left_out:
            log.info("%d posts are left out of %s: they are forgotten", left_out, table)
        return left_out

    def _home(self) -> sql.Identifier:
        row = self.connection.execute("SELECT current_schema()").fetchone()
        assert row is not None
        return sql.Identifier(row[0])

    def _execute(self, statement: str, *parts: sql.Composable) -> None:
        self.connection.execute(sql.SQL(statement).format(*parts))


@contextmanager
def staging(version: int, settings: Settings) -> Iterator[Staging]:
    """Lock the version, with an empty staging schema that is dropped at the end in any case.

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
    """Lock the version against other runs until the connection closes.

    Raises:
        VersionBusy: another run holds the version.
    """
    query = "SELECT pg_try_advisory_lock(hashtext('tweetsieve dataset version'), %s)"
    row = connection.execute(query, [version]).fetchone()
    if not row or not row[0]:
        raise VersionBusy(f"another run is working on dataset version {version}: wait for it, or stop it")


def drop_leftovers(connection: psycopg.Connection, version: int) -> None:
    """Drop what earlier attempts left unfinished. The caller has locked the version."""
    query = "SELECT nspname FROM pg_namespace WHERE nspname ~ %s ORDER BY nspname"
    for (schema,) in connection.execute(query, [f"^building_{version}_[0-9a-f]{{12}}$"]).fetchall():
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
