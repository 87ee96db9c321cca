"""Dropping a dataset version, so that it can be collected anew. People's labels always stay."""

from __future__ import annotations

import psycopg
from psycopg import sql

from include.database import connect
from include.datasets.staging import drop_leftovers, hold_version
from include.datasets.tables import VersionTables, table_exists
from include.datasets.versions import parse_version
from include.settings import Settings, get_settings


def clean_dataset(version: int, dry_run: bool = True, settings: Settings | None = None) -> list[str]:
    """Drop a version's tables and its row in ``collection``, all or nothing; say what was dropped.

    With ``dry_run`` nothing is: the list says what would be. ``label_event`` hangs on the hash of
    the text, not on a version, and is never touched.

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
            collected = _is_collected(connection, tables.version)
            if not dry_run:
                _drop(connection, tables.version, found, collected)
    return [
        *(f"table {name}" for name in found),
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
