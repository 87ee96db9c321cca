"""Exporting a dataset version to files, with a manifest to check them by."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from include.datasets.export.files import FORMATS, Columns, Row
from include.datasets.export.fingerprint import table_fingerprint
from include.errors import UserError
from include.infra.input_files.allowed import exports_dir
from include.infra.postgres.connection import connect
from include.schema.dataset_tables import MissingTable, VersionTables, table_exists
from include.schema.dataset_version import parse_version
from include.settings import Settings, get_settings
from include.task_log import counted, log_result

MANIFEST = "manifest.json"
ROWS_AT_ONCE = 5000


class ExportError(UserError):
    """An export that cannot be made as asked."""


def export_dataset(
    version: int,
    folder: Path | str,
    formats: Sequence[str] = ("parquet",),
    settings: Settings | None = None,
) -> dict[str, Any]:
    """Write every table of a version into a folder as ``<table>.<suffix>``; returns the manifest.

    Formats are those of :data:`include.datasets.export.files.FORMATS`: jsonl (gzipped), csv and parquet. All
    tables are from one snapshot of the database. Files appear under their names when all are complete,
    ``manifest.json`` (rows and fingerprint of each table) last: a folder with a manifest is complete. Files
    of an earlier export into the same folder are replaced.

    Raises:
        ExportError: an unknown format, or a folder that cannot be written.
        MissingTable: the version has no table yet.
    """
    settings = settings or get_settings()
    tables, folder = VersionTables.of(version, settings), Path(folder)
    if unknown := [name for name in formats if name not in FORMATS]:
        raise ExportError(f"format {unknown[0]!r} is none of {', '.join(FORMATS)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as scratch:
            manifest = _write_all(tables, Path(scratch), formats, settings)
            _put_in_place(Path(scratch), folder, manifest)
    except OSError as error:
        raise ExportError(f"cannot export to {folder}: {error}") from error
    return manifest


def export_version(version: int | str, format: str, folder: str | None) -> str:
    """The DAG's task: export, by default below the state folder; returns the folder with the files."""
    settings, number = get_settings(), parse_version(version)
    target = Path(folder) if folder else exports_dir(settings) / str(number)
    manifest = export_dataset(number, target, (format,), settings)
    rows = {table: described["rows"] for table, described in manifest["tables"].items()}
    log_result(f"version {number} as {format} in {target}: {counted(rows)}")
    return str(target)


def _write_all(
    tables: VersionTables, scratch: Path, formats: Sequence[str], settings: Settings
) -> dict[str, Any]:
    with connect(settings) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute("SET LOCAL timezone TO 'UTC'")
        found = [table for table in tables.all if table_exists(connection, table)]
        if not found:
            raise MissingTable(f"dataset version {tables.version} has no table: run the DAG collect_tweets")
        described = {table: _write(connection, table, scratch, formats) for table in found}
    return {"version": tables.version, "tables": described}


def _write(
    connection: psycopg.Connection, table: str, scratch: Path, formats: Sequence[str]
) -> dict[str, Any]:
    rows, fingerprint = table_fingerprint(connection, table)
    columns = _columns(connection, table)
    files = {name: f"{table}.{FORMATS[name].suffix}" for name in formats}
    for name, file in files.items():
        FORMATS[name].write(scratch / file, columns, _rows(connection, table))
    return {"rows": rows, "fingerprint": fingerprint, "files": files}


def _columns(connection: psycopg.Connection, table: str) -> Columns:
    query = (
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
        "WHERE attrelid = to_regclass(quote_ident(%s)) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )
    return dict(connection.execute(query, [table]).fetchall())


def _rows(connection: psycopg.Connection, table: str) -> Iterator[list[Row]]:
    """The rows in chunks, through a server-side cursor, so that no whole table is in memory."""
    with connection.cursor("export", row_factory=dict_row) as cursor:
        cursor.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        while chunk := cursor.fetchmany(ROWS_AT_ONCE):
            yield chunk


def _put_in_place(scratch: Path, folder: Path, manifest: dict[str, Any]) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)
    for file in sorted(scratch.iterdir()):
        os.replace(file, folder / file.name)
    text = json.dumps(manifest, indent=2, sort_keys=True)
    (scratch / MANIFEST).write_text(text + "\n", encoding="utf-8")
    os.replace(scratch / MANIFEST, folder / MANIFEST)
