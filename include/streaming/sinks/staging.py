"""Staging tables: where the tasks of one batch put what they have, by COPY in its binary form."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pyarrow as pa
from psycopg import sql

from include.infra.postgres.copy_binary import HEADER, TRAILER, copy_binary
from include.infra.postgres.kept_connection import kept_connection_to
from include.streaming.sinks.postgres_types import postgres_type

ATTEMPT = "task_attempt"
"""The column that tells the rows of one task attempt from another's."""

_counter = itertools.count()


class StagedRowsLost(Exception):
    """The staging tables don't hold what the tasks wrote: a crash of Postgres empties unlogged tables."""


@dataclass(frozen=True)
class StagingTables:
    """Unlogged tables named ``<name>_<part>``, one for each part of ``schemas``: ``rows``, ``dead``.

    ``server`` is a libpq connection string: a process that runs tasks has no environment of ours.
    """

    server: str
    name: str
    schemas: Mapping[str, pa.Schema]

    @classmethod
    def fresh(cls, server: str, workload: str, token: str, schemas: Mapping[str, pa.Schema]) -> StagingTables:
        """Names that no other holder of the lease (``token``), and no other batch, has used."""
        return cls(server, f"{prefix(workload)}{token}_{next(_counter)}", schemas)

    def table(self, part: str) -> sql.Identifier:
        return sql.Identifier(f"{self.name}_{part}")

    def create(self, connection: psycopg.Connection) -> None:
        """Create the tables. A crash that takes them away costs the batch at work, nothing committed."""
        connection.execute("SET LOCAL synchronous_commit = off")
        for part, schema in self.schemas.items():
            columns = [sql.SQL("{} {}").format(sql.Identifier(f.name), _type(f)) for f in schema]
            columns.append(sql.SQL("{} bigint").format(sql.Identifier(ATTEMPT)))
            connection.execute(
                sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(self.table(part), sql.SQL(", ").join(columns))
            )

    def drop(self, connection: psycopg.Connection) -> None:
        tables = sql.SQL(", ").join(map(self.table, self.schemas))
        connection.execute(sql.SQL("DROP TABLE {}").format(tables))

    @contextmanager
    def writer(self, attempt: int) -> Iterator[StagingWriter]:
        """The writer of one task attempt; it begins at its first row and commits at the end."""
        writer = StagingWriter(self, attempt)
        try:
            yield writer
            writer.commit()
        except BaseException:
            writer.abandon()
            raise


class StagingWriter:
    """Copies Arrow batches into the staging tables, in one transaction."""

    def __init__(self, stage: StagingTables, attempt: int) -> None:
        self._stage = stage
        self._attempt = attempt
        self._connection: psycopg.Connection | None = None

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        for part, batch in (("rows", results), ("dead", dead)):
            if part in self._stage.schemas and batch.num_rows:
                self._copy(self._stage.table(part), batch)

    def commit(self) -> None:
        if self._connection:
            self._connection.commit()

    def abandon(self) -> None:
        """Nothing of this attempt stays; a connection on which something went wrong is not used again."""
        if self._connection:
            self._connection.close()

    def _copy(self, table: sql.Identifier, batch: pa.RecordBatch) -> None:
        if self._connection is None:
            self._connection = kept_connection_to(self._stage.server)
            self._connection.execute("BEGIN")
        attempts = pa.repeat(pa.scalar(self._attempt, pa.int64()), batch.num_rows)
        copy_arrow(self._connection, table, batch.append_column(ATTEMPT, attempts))


def copy_arrow(connection: psycopg.Connection, table: sql.Identifier, batch: pa.RecordBatch) -> None:
    """Append a batch to the columns of its names, within the caller's transaction."""
    names = sql.SQL(", ").join(map(sql.Identifier, batch.schema.names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(table, names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in (HEADER, *copy_binary(batch), TRAILER):
            copy.write(part)


def prefix(workload: str) -> str:
    """What the names of a workload's staging tables begin with; a name has no ``$``, so no two share it."""
    return f"stream_stage_{workload}$"


def drop_leftovers(connection: psycopg.Connection, workload: str) -> None:
    """Drop what batches that never ended left; a table that a dying task still uses stays for next time."""
    tables = connection.execute(
        "SELECT relname FROM pg_class"
        " WHERE relkind = 'r' AND relpersistence = 'u' AND starts_with(relname, %s)"
        " AND pg_has_role(relowner, 'USAGE')",  # not those of another role's replay
        [prefix(workload)],
    ).fetchall()
    for (table,) in tables:
        try:
            with connection.transaction():
                connection.execute("SET LOCAL lock_timeout = '500ms'")
                connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))
        except psycopg.errors.LockNotAvailable:
            continue


def staged_rows(table: sql.Identifier, attempts: list[int]) -> sql.Composed:
    """The rows of these task attempts, as what a FROM clause takes."""
    return sql.SQL("(SELECT * FROM {} WHERE {} = ANY({}))").format(
        table, sql.Identifier(ATTEMPT), sql.Literal(attempts)
    )


def expect(expected: float, found: int, table: sql.Identifier) -> None:
    """Raises StagedRowsLost where there are other than the expected numbers of rows."""
    if found != expected:
        name = table.as_string(None).strip('"')
        raise StagedRowsLost(f"{name} holds {found} rows of this batch, not {expected:.0f}")


def _type(field: pa.Field) -> sql.SQL:
    return sql.SQL(postgres_type(field))
