"""Writing a DataFrame into a staging table: each task by COPY, and exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from include.datasets.staging import FINISHED, Staging
from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    Write = Callable[[psycopg.Connection, pa.RecordBatch], None]

WRITERS = 8
"""Tasks that write at the same time, each over its own connection."""


def copy_frame(
    frame: DataFrame, build: Staging, table: str, columns: Sequence[str], settings: Settings
) -> None:
    """Append a frame of plain columns, in the order of ``columns``, to a staging table."""

    def write(connection: psycopg.Connection, batch: pa.RecordBatch) -> None:
        rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        copy_rows(connection, table, columns, rows)

    write_frame(frame.coalesce(WRITERS), build, table, write, settings)


def write_frame(frame: DataFrame, build: Staging, name: str, write: Write, settings: Settings) -> None:
    """Give every Arrow batch of a frame to ``write``, with its task's connection.

    A task's batches are one transaction, whose search path is the staging schema. ``name`` identifies this
    write among others of the same attempt.
    """
    schema = build.schema  # a Staging, with its connection, does not travel to the tasks

    def task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pyspark import TaskContext

        context = TaskContext.get()
        assert context is not None
        with part(settings, schema, f"{name}/{context.partitionId()}") as connection:
            if connection is not None:
                for batch in batches:
                    write(connection, batch)
        yield pa.RecordBatch.from_pydict({"part": pa.array([], pa.int32())})

    frame.mapInArrow(task, "part int").write.format("noop").mode("overwrite").save()


@contextmanager
def part(settings: Settings, schema: str, name: str) -> Iterator[psycopg.Connection | None]:
    """One task's part of a staging table: written once, however often Spark runs the task.

    Rows and the part's name are committed together, so that a task that is repeated after its commit finds
    the name and gets None: there is nothing to write. Two copies of a task wait for each other.
    """
    with connect(settings) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
        claim = sql.SQL("INSERT INTO {} VALUES (%s) ON CONFLICT DO NOTHING RETURNING part")
        claimed = connection.execute(claim.format(sql.Identifier(FINISHED)), [name]).fetchone()
        yield connection if claimed else None
