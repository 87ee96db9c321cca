"""Fingerprints of tables, and exports with a manifest."""

# ruff: noqa: S608 - statements of table names that the tests chose
from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from include.datasets.export.export import ExportError, export_dataset
from include.datasets.export.fingerprint import table_fingerprint
from include.infra.postgres.connection import connect
from include.schema.dataset_tables import MissingTable
from include.settings import Settings
from tests.support.datasets.raw_posts import HOSTILE, fill_raw

pytestmark = pytest.mark.stack


def test_fingerprint_is_of_rows_not_of_their_order_or_arrival(connection: psycopg.Connection) -> None:
    first = fill_raw(connection, 801, ["a", "b", "c"])
    before = table_fingerprint(connection, first)
    connection.execute(f"UPDATE {first} SET ingested_at = now() WHERE text = 'a'")
    connection.execute("SET LOCAL timezone TO 'Asia/Kathmandu'")
    assert table_fingerprint(connection, first) == before == (3, before[1])
    assert connection.execute("SHOW timezone").fetchone() == ("Asia/Kathmandu",)

    connection.execute(f"UPDATE {first} SET lang = 'en' WHERE text = 'a'")
    assert table_fingerprint(connection, first) != before


def test_fingerprint_of_nothing(connection: psycopg.Connection) -> None:
    with pytest.raises(MissingTable, match="no_such_table"):
        table_fingerprint(connection, "no_such_table")


def test_export_and_its_manifest(database: Settings, tmp_path: Path) -> None:
    with connect(database) as connection:
        table = fill_raw(connection, 804, [HOSTILE, "b"])
        rows, fingerprint = table_fingerprint(connection, table)
    manifest = export_dataset(804, tmp_path / "out", ("jsonl", "csv", "parquet"), database)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text()) == manifest
    assert manifest["tables"][table]["rows"] == rows == 2
    assert manifest["tables"][table]["fingerprint"] == fingerprint
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        ["manifest.json", *manifest["tables"][table]["files"].values()]
    )
    read = pq.read_table(tmp_path / "out" / f"{table}.parquet").to_pylist()
    assert {row["text"] for row in read} == {HOSTILE, "b"}


def test_export_refuses_what_it_cannot_do(database: Settings, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="format 'xls' is none of jsonl, csv, parquet"):
        export_dataset(804, tmp_path, ("xls",), database)
    with pytest.raises(MissingTable, match="dataset version 899 has no table"):
        export_dataset(899, tmp_path, settings=database)
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot export to"):
        export_dataset(804, tmp_path / "file", settings=database)
