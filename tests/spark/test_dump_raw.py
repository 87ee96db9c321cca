"""The raw dump: from real Kafka into real Postgres."""

# ruff: noqa: S608 - statements of table names that the tests chose
from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from pyspark.sql import SparkSession

from include.datasets.collected_positions import (
    Positions,
    PositionsLost,
    require_positions,
)
from include.datasets.export.fingerprint import table_fingerprint
from include.datasets.raw_table import EmptyVersion, dump_raw
from include.datasets.staging import VersionBusy, staging
from include.infra.kafka.admin import BrokerUnavailable
from include.infra.postgres.connection import connect
from include.schema.dataset_tables import MissingTable, VersionTables, table_exists
from include.settings import Settings
from tests.spark.conftest import Collect

pytestmark = [pytest.mark.spark, pytest.mark.stack]

HOSTILE = [
    "'); DROP TABLE label_event; --",
    'tab\tline\nback\\slash \\. \\N "quotes" {a,b} %s %(x)s',
    '=HYPERLINK("http://evil") ‮ reversed 🤖 \u2028 深い',
]


def post(number: int, text: str = "news on #AI and machine learning") -> bytes:
    return json.dumps({"id_str": str(number), "text": text}).encode()


def rows(settings: Settings, version: int, columns: str) -> list[tuple[Any, ...]]:
    table = VersionTables.of(version, settings).raw
    with connect(settings) as connection:
        return connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()


def test_half_from_each_topic_and_malformed_aside(
    spark: SparkSession, database: Settings, collect: Collect
) -> None:
    ai = [b"{broken" if n % 10 == 3 else post(n) for n in range(100)]
    version = collect({database.ai_topic: ai, database.mix_topic: [post(1000 + n) for n in range(100)]})

    summary = dump_raw(spark, version, database, posts=60)

    assert summary["rows_by_topic"] == {database.ai_topic: 30, database.mix_topic: 30}
    assert summary["dead_letters"] >= 3
    with connect(database) as connection:
        reasons = connection.execute(
            "SELECT DISTINCT stage, reason, value FROM dead_letter WHERE value = %s", [b"{broken"]
        ).fetchall()
    assert reasons == [("collect", "not JSON", b"{broken")]
    assert rows(database, version, "DISTINCT keywords") == [(["ai", "machine learning"],)]


def test_same_version_same_table(spark: SparkSession, database: Settings, collect: Collect) -> None:
    messages = [post(n) if n % 7 else b"[]" for n in range(80)]
    version = collect({database.ai_topic: messages, database.mix_topic: messages})
    table = VersionTables.of(version, database).raw
    first = dump_raw(spark, version, database, posts=50)
    with connect(database) as connection:
        before = table_fingerprint(connection, table)
        letters = connection.execute("SELECT count(*) FROM dead_letter").fetchone()
    collect({database.ai_topic: [post(9999)] * 40, database.mix_topic: [post(9999)] * 40})  # a later version

    assert dump_raw(spark, version, database, posts=50) == first
    with connect(database) as connection:
        assert table_fingerprint(connection, table) == before == (50, before[1])
        assert connection.execute("SELECT count(*) FROM dead_letter").fetchone() == letters


def test_stops_at_the_end_of_the_version(spark: SparkSession, database: Settings, collect: Collect) -> None:
    version = collect({database.ai_topic: [post(n) for n in range(5)], database.mix_topic: [post(7)] * 3})
    collect({database.ai_topic: [post(9999)] * 10, database.mix_topic: [post(9999)] * 10})

    assert dump_raw(spark, version, database)["rows_by_topic"] == {
        database.ai_topic: 5,
        database.mix_topic: 3,
    }
    assert {row[0] for row in rows(database, version, "id")} == {"0", "1", "2", "3", "4", "7"}


def test_hostile_text_arrives_as_it_is(spark: SparkSession, database: Settings, collect: Collect) -> None:
    messages = [post(n, text) for n, text in enumerate(HOSTILE)]
    version = collect({database.ai_topic: messages, database.mix_topic: [post(99)]})

    dump_raw(spark, version, database)

    assert [row[1] for row in rows(database, version, "id, text")[:3]] == HOSTILE
    assert all(row[0] < datetime.now(UTC) for row in rows(database, version, "ingested_at"))


def test_a_failure_leaves_the_old_table(spark: SparkSession, database: Settings, collect: Collect) -> None:
    version = collect({database.ai_topic: [post(1), b'{"no": "id"}'], database.mix_topic: [post(2)]})
    dump_raw(spark, version, database)
    table = VersionTables.of(version, database).raw
    with connect(database) as connection:
        before = table_fingerprint(connection, table)
        connection.execute(
            "ALTER TABLE dead_letter ADD CONSTRAINT refuses CHECK (stage <> 'collect') NOT VALID"
        )
    try:
        with pytest.raises(psycopg.errors.CheckViolation):
            dump_raw(spark, version, database, posts=4)
    finally:
        with connect(database) as connection:
            connection.execute("ALTER TABLE dead_letter DROP CONSTRAINT refuses")
            assert table_fingerprint(connection, table) == before
            leftovers = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'building%'"
            assert connection.execute(leftovers).fetchall() == []


def test_a_version_without_a_post_says_so(spark: SparkSession, database: Settings, collect: Collect) -> None:
    version = collect({database.ai_topic: [b"\xff\xfe"], database.mix_topic: [b"null"]})
    with pytest.raises(EmptyVersion, match="2 of its messages are no posts"):
        dump_raw(spark, version, database)
    with connect(database) as connection:
        assert not table_exists(connection, VersionTables.of(version, database).raw)
        found = connection.execute(
            "SELECT count(*) FROM dead_letter WHERE value IN (%s, 'null')", [b"\xff\xfe"]
        )
        assert found.fetchone() == (2,)


def test_a_version_not_collected_names_the_dag(spark: SparkSession, database: Settings) -> None:
    with pytest.raises(MissingTable, match=r"version 999 was not collected: run the DAG collect_tweets"):
        dump_raw(spark, 999, database)


def test_one_run_of_a_version_at_a_time(spark: SparkSession, database: Settings, collect: Collect) -> None:
    version = collect({database.ai_topic: [post(1)], database.mix_topic: [post(2)]})
    with staging(version, database), pytest.raises(VersionBusy, match=f"version {version}"):
        dump_raw(spark, version, database)
    dump_raw(spark, version, database)


def test_positions_that_kafka_dropped(spark: SparkSession, database: Settings, collect: Collect) -> None:
    version = collect({database.ai_topic: [post(1)], database.mix_topic: [post(2)]})
    with connect(database) as connection:
        connection.execute(
            "UPDATE collection SET end_offsets = jsonb_set(end_offsets, %s, %s) WHERE version = %s",
            [[database.ai_topic, "0"], Jsonb(10**9), version],
        )
    with pytest.raises(PositionsLost, match=rf"{database.ai_topic}\[0\] holds positions 0 to"):
        dump_raw(spark, version, database)


def test_no_broker_is_named(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:1"):
        require_positions(Positions({"a": {0: (0, 5)}}), 0, nowhere, timeout=0.3)
