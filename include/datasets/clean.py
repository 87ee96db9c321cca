"""Dropping a dataset version, so that it can be collected again. People's labels are always kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from include.datasets.staging import drop_leftovers, hold_version
from include.infra.postgres.connection import connect
from include.schema.dataset_tables import VersionTables, table_exists
from include.schema.dataset_version import parse_version
from include.settings import Settings, get_settings
from include.task_log import log_result


def clean_dataset(version: int, dry_run: bool = True, settings: Settings | None = None) -> list[str]:
    """Drop a version's tables and its rows in shared ones, all or nothing; returns what was dropped.

    Its rows in shared tables are that in ``collection``, its queues, leases and labelling reports, and its
    unreadable messages in ``dead_letter``; the files of its weak labels are deleted as well. With ``dry_run``
    nothing is dropped: the list says what would be. ``label_event`` belongs to texts, not to a version, and
    is never touched.

    Raises:
        VersionError: not a dataset version.
        VersionBusy: another run is working on the version.
    """
    settings = settings or get_settings()
    tables = VersionTables.of(version, settings)
    with connect(settings, autocommit=True) as connection:
        if not dry_run:
            hold_version(connection, tables.version)
            drop_leftovers(connection, tables.version)
        with connection.transaction():
            found = [table for table in tables.all if table_exists(connection, table)]
            remains = count_remains(connection, tables.version)
            collected = _is_collected(connection, tables.version)
            if not dry_run:
                drop_remains(connection, tables.version, list(remains))
                _drop(connection, tables.version, found, collected)
    files = weak_label_folder(tables.version, settings)
    written = files.is_dir()
    if not dry_run:
        drop_weak_label_folder(tables.version, settings)
    return [
        *(f"table {name}" for name in found),
        *(f"{count} rows of {name}" for name, count in remains.items()),
        *([f"folder {files}"] if written else []),
        *([f"collection row {tables.version}"] if collected else []),
    ]


def clean_version(version: int | str, *, dry_run: bool) -> list[str]:
    """The DAG's task: clean, and log what went, or would go."""
    number = parse_version(version)
    names = clean_dataset(number, dry_run)
    said = "would be removed (a dry run: nothing was)" if dry_run else "removed"
    log_result("\n".join([f"version {number}: {len(names)} things {said}", *(f"- {name}" for name in names)]))
    return names


def _is_collected(connection: psycopg.Connection, version: int) -> bool:
    if not table_exists(connection, "collection"):
        return False
    query = "SELECT EXISTS (SELECT FROM collection WHERE version = %s)"
    row = connection.execute(query, [version]).fetchone()
    return bool(row and row[0])


def _drop(connection: psycopg.Connection, version: int, tables: list[str], collected: bool) -> None:
    connection.execute("SET LOCAL lock_timeout = '60s'")
    for table in tables:
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(table)))
    if collected:
        connection.execute("DELETE FROM collection WHERE version = %s", [version])


_BY_VERSION: LiteralString = "version = {version}"
_COLLECTED: LiteralString = """
    EXISTS (SELECT FROM collection c
            WHERE {of} AND kafka_offset < (c.end_offsets -> topic ->> kafka_partition::text)::bigint
            AND kafka_offset >= coalesce((c.start_offsets -> topic ->> kafka_partition::text)::bigint, 0))
"""
_OF_VERSION: LiteralString = _COLLECTED.format(of="c.version = {version}")
_OF_OTHERS: LiteralString = _COLLECTED.format(of="c.version <> {version}")

REMAINS: dict[str, LiteralString] = {
    "labelling_queue": _BY_VERSION,
    "labelling_lease": _BY_VERSION,
    "labelling_report": _BY_VERSION,
    "labelling_bucket": _BY_VERSION,
    "labelling_choice": _BY_VERSION,
    "dead_letter": f"stage = 'collect' AND {_OF_VERSION} AND NOT {_OF_OTHERS}",
}
"""Shared tables, and which of their rows belong to a version. ``label_event`` is not one: it is kept."""


def count_remains(connection: psycopg.Connection, version: int) -> dict[str, int]:
    """How many rows of the version there are, by table; tables without any are left out."""
    counts = {}
    for table in REMAINS:
        if table_exists(connection, table) and table_exists(connection, "collection"):
            row = connection.execute(_of(version, "SELECT count(*) FROM", table)).fetchone()
            counts[table] = row[0] if row else 0
    return {table: count for table, count in counts.items() if count}


def drop_remains(connection: psycopg.Connection, version: int, tables: list[str]) -> None:
    """Delete the version's rows of these tables. Its row in ``collection`` must still be there: it identifies
    the dead letters."""
    for table in tables:
        connection.execute(_of(version, "DELETE FROM", table))


def _of(version: int, action: LiteralString, table: str) -> sql.Composed:
    condition = sql.SQL(REMAINS[table]).format(version=sql.Literal(version))
    return sql.SQL(" ").join((sql.SQL(action), sql.Identifier(table), sql.SQL("WHERE"), condition))


WEAK_LABEL_REPORT = "report.txt"
"""In that folder: the labelling functions' table and the errors, as the labelling task logs them."""


def weak_label_folder(version: int, settings: Settings) -> Path:
    """The folder of a version's weak labels and votes as parquet."""
    return settings.state_dir / "labels" / str(version)


def drop_weak_label_folder(version: int, settings: Settings) -> None:
    """Delete the folder, where it is there."""
    shutil.rmtree(weak_label_folder(version, settings), ignore_errors=True)
