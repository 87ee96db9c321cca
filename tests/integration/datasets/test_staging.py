"""Writing a version's tables: COPY, parts that are written once, staging schemas."""

# ruff: noqa: S608 - statements of table names that the tests chose
from __future__ import annotations

import psycopg
import pytest

from include.datasets.spark_copy import part
from include.datasets.staging import VersionBusy, staging
from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.labelling.label_dataset import label_dataset
from include.settings import Settings
from tests.support.datasets.raw_posts import HOSTILE, fill_raw

pytestmark = pytest.mark.stack


def test_copy_escapes_what_posts_hold(connection: psycopg.Connection) -> None:
    table = fill_raw(connection, 800, [HOSTILE])
    found = connection.execute(f"SELECT text, links, media FROM {table}").fetchone()
    assert found == (HOSTILE, [HOSTILE], [])


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


def test_labelling_holds_the_version(database: Settings) -> None:
    with staging(808, database), pytest.raises(VersionBusy):
        label_dataset(808, database)
