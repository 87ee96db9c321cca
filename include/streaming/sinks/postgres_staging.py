"""The unlogged tables in which a batch lands, and the executors' way into them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pyarrow as pa
from psycopg import sql

from include.infra.postgres.copy_binary import HEADER, TRAILER, copy_binary
from include.infra.postgres.kept_connection import kept_connection
from include.settings import Settings

COLUMNS = {
    "posts": """
        topic text, kafka_partition integer, kafka_offset bigint, id text, created_at timestamptz,
        lang text, text text, links text[], domains text[], hashtags text[],
        probability double precision, model_version integer, arrived_at timestamptz, attempt bigint
    """,
    "dead": """
        topic text, kafka_partition integer, kafka_offset bigint, stage text, reason text,
        key bytea, value bytea, attempt bigint
    """,
}
_counter = itertools.count()


@dataclass(frozen=True)
class PostgresStage:
    """A pair of staging tables. ``settings`` travels along: an executor has no environment of ours."""

    settings: Settings
    name: str

    @classmethod
    def fresh(cls, settings: Settings, workload: str, token: str, batch_id: int) -> PostgresStage:
        """Names that no other holder of the lease, and no other try, has used."""
        return cls(settings, f"{prefix(workload)}{token}_{batch_id}_{next(_counter)}")

    @property
    def posts(self) -> sql.Identifier:
        return sql.Identifier(f"{self.name}_posts")

    @property
    def dead(self) -> sql.Identifier:
        return sql.Identifier(f"{self.name}_dead")

    def create(self, connection: psycopg.Connection) -> None:
        """Make the tables. A crash that takes them away costs the batch at work, nothing committed."""
        connection.execute("SET LOCAL synchronous_commit = off")
        for table, columns in ((self.posts, COLUMNS["posts"]), (self.dead, COLUMNS["dead"])):
            connection.execute(sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(table, sql.SQL(columns)))

    def drop(self, connection: psycopg.Connection) -> None:
        connection.execute(sql.SQL("DROP TABLE {}, {}").format(self.posts, self.dead))

    @contextmanager
    def writer(self, attempt: int) -> Iterator[PostgresWriter]:
        """The writer of one task attempt; it begins at its first row and commits at the end."""
        writer = PostgresWriter(self, attempt)
        try:
            yield writer
            writer.commit()
        except BaseException:
            writer.abandon()
            raise


class PostgresWriter:
    """Copies Arrow batches into the staging tables, in one transaction."""

    def __init__(self, stage: PostgresStage, attempt: int) -> None:
        self._stage = stage
        self._attempt = attempt
        self._connection: psycopg.Connection | None = None

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        self._copy(self._stage.posts, results)
        self._copy(self._stage.dead, dead)

    def commit(self) -> None:
        if self._connection:
            self._connection.commit()

    def abandon(self) -> None:
        """Nothing of this attempt stays; a connection that something went wrong on is not used again."""
        if self._connection:
            self._connection.close()

    def _copy(self, table: sql.Identifier, rows: pa.RecordBatch) -> None:
        if not rows.num_rows:
            return
        if self._connection is None:
            self._connection = kept_connection(self._stage.settings)
            self._connection.execute("BEGIN")
        marked = rows.append_column("attempt", pa.repeat(pa.scalar(self._attempt, pa.int64()), rows.num_rows))
        copy_arrow(self._connection, table, marked)


def copy_arrow(connection: psycopg.Connection, table: sql.Identifier, rows: pa.RecordBatch) -> None:
    """Append Arrow rows to the columns of their names, within the caller's transaction."""
    names = sql.SQL(", ").join(map(sql.Identifier, rows.schema.names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(table, names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in (HEADER, *copy_binary(rows), TRAILER):
            copy.write(part)


def prefix(workload: str) -> str:
    """What the names of a workload's staging tables begin with."""
    return f"stream_stage_{workload}_"


def drop_leftovers(connection: psycopg.Connection, workload: str) -> None:
    """Drop what batches that never ended left; one still in use by a dying task stays for next time."""
    tables = connection.execute(
        "SELECT relname FROM pg_class"
        " WHERE relkind = 'r' AND relpersistence = 'u' AND starts_with(relname, %s)",
        [prefix(workload)],
    ).fetchall()
    for (table,) in tables:
        try:
            with connection.transaction():
                connection.execute("SET LOCAL lock_timeout = '500ms'")
                connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))
        except psycopg.errors.LockNotAvailable:
            continue
