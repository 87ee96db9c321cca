"""Datasets in a real Postgres: COPY, staging, fingerprints, export, clean."""

# ruff: noqa: S608 - statements of table names that the tests chose
from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from psycopg.types.json import Jsonb

from include.datasets.clean import REMAINS, clean_dataset, count_remains, label_files
from include.datasets.export.export import ExportError, export_dataset
from include.datasets.export.fingerprint import table_fingerprint
from include.datasets.raw_rows import COLUMNS
from include.datasets.spark_copy import part
from include.datasets.staging import VersionBusy, staging
from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.labelling.label_dataset import label_dataset
from include.posts.text import text_hash
from include.schema.dataset_tables import MissingTable, VersionTables, create_raw, table_exists
from include.settings import Settings
from tests.support.version_of_posts import build

pytestmark = pytest.mark.stack
NOW = datetime(2020, 4, 5, tzinfo=UTC)
HOSTILE = '=cmd() \'; DROP TABLE label_event; -- \t\\N \\. {a,"b"} %s \u2028 🤖'


def fill(
    connection: psycopg.Connection, version: int, texts: Iterable[str], ingested_at: datetime = NOW
) -> str:
    table = VersionTables.of(version).raw
    create_raw(connection, table)
    rows = (
        ("t", 0, n, str(n), NOW, None, "plain", None, text, [text], [], [], ["ai"], False, ingested_at)
        for n, text in enumerate(texts)
    )
    copy_rows(connection, table, COLUMNS, rows)
    return table


def test_copy_escapes_what_posts_hold(connection: psycopg.Connection) -> None:
    table = fill(connection, 800, [HOSTILE])
    found = connection.execute(f"SELECT text, links, media FROM {table}").fetchone()
    assert found == (HOSTILE, [HOSTILE], [])


def test_fingerprint_is_of_rows_not_of_their_order_or_arrival(connection: psycopg.Connection) -> None:
    first = fill(connection, 801, ["a", "b", "c"])
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


def test_a_part_is_written_once(database: Settings) -> None:
    with staging(802, database) as build:
        build.create("numbers", "n integer")
        for _ in range(2):  # as when Spark repeats a task after its commit
            _write_part(database, build.schema, "0/1", [[1], [2]])
        with pytest.raises(psycopg.DataError):
            _write_part(database, build.schema, "0/2", [[3], ["x"]])
        assert build.query("SELECT count(*) FROM {}", "numbers") == [(2,)]


def _write_part(settings: Settings, schema: str, name: str, rows: list[list[object]]) -> None:
    with part(settings, schema, name) as connection:
        if connection:
            copy_rows(connection, "numbers", ["n"], rows)


def test_an_unfinished_schema_is_gone_and_a_killed_run_swept(database: Settings) -> None:
    query = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'building_803_%'"
    with connect(database) as connection:
        connection.execute("CREATE SCHEMA building_803_0123456789ab")
    seen = []

    def fail() -> None:
        with staging(803, database) as build:
            seen.extend(build.connection.execute(query).fetchall())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert seen == [(1,)]
    with connect(database) as connection:
        assert connection.execute(query).fetchone() == (0,)


def test_export_and_its_manifest(database: Settings, tmp_path: Path) -> None:
    with connect(database) as connection:
        table = fill(connection, 804, [HOSTILE, "b"])
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


def test_clean_is_a_dry_run_unless_told(database: Settings) -> None:
    with connect(database) as connection:
        table = fill(connection, 805, ["a"])
        connection.execute("INSERT INTO collection VALUES (805, 's', '{}', 'f', '{}', '{}', '{}')")
        connection.execute(
            "INSERT INTO label_event (text_hash, post_id, text, version, annotator, action, label, queue)"
            " VALUES (%s, '1', 'a', 805, 'me', 'label', 1, 'random')",
            [text_hash("a")],
        )
    expected = [f"table {table}", "collection row 805"]
    assert clean_dataset(805, settings=database) == expected
    with connect(database) as connection:
        assert table_exists(connection, table)
    with staging(805, database), pytest.raises(VersionBusy):
        clean_dataset(805, dry_run=False, settings=database)
    assert clean_dataset(805, dry_run=False, settings=database) == expected
    assert clean_dataset(805, dry_run=False, settings=database) == []
    with connect(database) as connection:
        kept = connection.execute("SELECT count(*) FROM label_event WHERE version = 805").fetchone()
    assert kept == (1,)


def test_clean_takes_what_a_version_left_in_shared_tables(database: Settings) -> None:
    def put(connection: psycopg.Connection, version: int, offset: int) -> None:
        build(
            connection, version, {"test": [f"AI {version}"], "snorkel_train": [f"a course in AI {version}"]}
        )
        offsets = Jsonb({"mix": {"0": offset}}), Jsonb({"mix": {"0": offset + 10}})
        connection.execute(
            "INSERT INTO collection VALUES (%s, 's', '{}', 'f', %s, %s, '{}')", [version, *offsets]
        )
        connection.execute(
            """INSERT INTO labelling_lease (text_hash, version, annotator, lease_id, queue, expires_at)
               VALUES (%s, %s, 'ann', gen_random_uuid(), 'random', now())""",
            [f"of {version}", version],
        )

    def left(connection: psycopg.Connection, version: int) -> dict[str, int]:
        connection.commit()
        return count_remains(connection, version)

    with connect(database) as connection:
        put(connection, 806, 100)
        put(connection, 807, 105)  # its positions overlap with those of 806 by half
        letters = [("mix", 0, at, stage) for at in (99, 100, 104, 105, 110) for stage in ("collect", "parse")]
        connection.cursor().executemany(
            """INSERT INTO dead_letter (topic, kafka_partition, kafka_offset, stage, workload, reason)
               VALUES (%s, %s, %s, %s, 'of ' || %s, 'not JSON')""",
            [(*letter, letter[-1]) for letter in letters],
        )
        connection.commit()
        for version in (806, 807):
            label_dataset(version, database)
        of_806, of_807 = left(connection, 806), left(connection, 807)
        assert of_806.keys() == REMAINS.keys() - {"labelling_bucket"}  # no golden labels, no buckets
        assert of_806["dead_letter"] == 2
        said = clean_dataset(806, settings=database)
        assert left(connection, 806) == of_806
        assert clean_dataset(806, dry_run=False, settings=database) == said
        assert "2 rows of dead_letter" in said
        assert left(connection, 806) == {}
        assert not label_files(806, database).exists()
        assert left(connection, 807) == {**of_807, "dead_letter": 2}  # 105 is its own by now
        kept = connection.execute(
            "SELECT kafka_offset, stage FROM dead_letter WHERE topic = 'mix'"
        ).fetchall()
        assert set(kept) == {(at, stage) for _, _, at, stage in letters} - {
            (100, "collect"),
            (104, "collect"),
        }
        clean_dataset(807, dry_run=False, settings=database)
        connection.execute("DELETE FROM dead_letter WHERE topic = 'mix'")


def test_labelling_holds_the_version(database: Settings) -> None:
    with staging(808, database), pytest.raises(VersionBusy):
        label_dataset(808, database)
