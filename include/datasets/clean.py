"""Dropping a dataset version, so that it can be collected anew. People's labels always stay."""

from __future__ import annotations

import psycopg
from psycopg import sql

from include.database import connect
from include.datasets.remains import count_remains, drop_label_files, drop_remains, label_files
from include.datasets.staging import drop_leftovers, hold_version
from include.datasets.tables import VersionTables, table_exists
from include.datasets.versions import parse_version
from include.settings import Settings, get_settings


def clean_dataset(version: int, dry_run: bool = True, settings: Settings | None = None) -> list[str]:
    """Drop a version's tables and what it left in shared ones, all or nothing; say what was dropped.

    That is its row in ``collection``, its queues, leases and labelling reports, its unreadable messages
    in ``dead_letter``, and the files of its weak labels. With ``dry_run`` nothing is dropped: the list
    says what would be. ``label_event`` hangs on the hash of the text, not on a version, and is never
    touched.

    Raises:
        VersionError: no dataset version.
        VersionBusy: a run is at work on the version.
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
    files = label_files(tables.version, settings)
    written = files.is_dir()
    if not dry_run:
        drop_label_files(tables.version, settings)
    return [
        *(f"table {name}" for name in found),
        *(f"{count} rows of {name}" for name, count in remains.items()),
        *([f"folder {files}"] if written else []),
        *([f"collection row {tables.version}"] if collected else []),
    ]


def clean_version(version: int | str, *, dry_run: bool) -> list[str]:
    """What the DAG's task calls: clean, and say so in the task's log."""
    names = clean_dataset(parse_version(version), dry_run)
    said = "would be removed (a dry run)" if dry_run else "removed"
    print(f"{said}: {', '.join(names) or 'nothing'}")
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
