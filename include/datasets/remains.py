"""What a dataset version leaves in tables that all versions share, and on disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from include.datasets.tables import table_exists
from include.settings import Settings

_ITS_OWN: LiteralString = "version = {version}"
_COLLECTED: LiteralString = """
    EXISTS (SELECT FROM collection c
            WHERE {of} AND kafka_offset < (c.end_offsets -> topic ->> kafka_partition::text)::bigint
            AND kafka_offset >= coalesce((c.start_offsets -> topic ->> kafka_partition::text)::bigint, 0))
"""
_MINE: LiteralString = _COLLECTED.format(of="c.version = {version}")
_OF_OTHERS: LiteralString = _COLLECTED.format(of="c.version <> {version}")

REMAINS: dict[str, LiteralString] = {
    "labelling_queue": _ITS_OWN,
    "labelling_lease": _ITS_OWN,
    "labelling_report": _ITS_OWN,
    "labelling_bucket": _ITS_OWN,
    "labelling_choice": _ITS_OWN,
    "dead_letter": f"stage = 'collect' AND {_MINE} AND NOT {_OF_OTHERS}",
}
"""Tables, and which of their rows are of a version. ``label_event`` is none of them: it stays."""


def count_remains(connection: psycopg.Connection, version: int) -> dict[str, int]:
    """How many rows there are of the version, by table; tables without any are left out."""
    counts = {}
    for table in REMAINS:
        if table_exists(connection, table) and table_exists(connection, "collection"):
            row = connection.execute(_of(version, "SELECT count(*) FROM", table)).fetchone()
            counts[table] = row[0] if row else 0
    return {table: count for table, count in counts.items() if count}


def drop_remains(connection: psycopg.Connection, version: int, tables: list[str]) -> None:
    """Delete the version's rows of these tables; before its row in ``collection``, which says which."""
    for table in tables:
        connection.execute(_of(version, "DELETE FROM", table))


def _of(version: int, action: LiteralString, table: str) -> sql.Composed:
    condition = sql.SQL(REMAINS[table]).format(version=sql.Literal(version))
    return sql.SQL(" ").join((sql.SQL(action), sql.Identifier(table), sql.SQL("WHERE"), condition))


def label_files(version: int, settings: Settings) -> Path:
    """The folder of a version's weak labels and votes as parquet."""
    return settings.state_dir / "labels" / str(version)


def drop_label_files(version: int, settings: Settings) -> None:
    """Delete the folder, where it is there."""
    shutil.rmtree(label_files(version, settings), ignore_errors=True)
