"""The raw dump: a version's posts from Kafka into its raw table; what cannot be read becomes a dead letter.

The quota is half of the posts from each topic. Positions are chosen before anything is read, the
earliest of each partition. A malformed message becomes a row of ``dead_letter`` and does not count: as many
further positions are read in another round, until the quota is filled or the version's positions are used
up. So the same version always gives the same table.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from include.datasets.collected_positions import Positions, collected_positions, require_positions
from include.datasets.raw_rows import (
    COLUMNS,
    RAW_ONLY,
    STAGE,
    UNREADABLE_COLUMNS,
    UNREADABLE_NAMES,
    WORKLOAD,
    rows,
)
from include.datasets.spark_copy import write_frame
from include.datasets.staging import Staging, staging
from include.errors import UserError
from include.infra.kafka.connection import spark_options
from include.infra.postgres.copy_rows import copy_rows
from include.schema.dataset_tables import RAW, RAW_COLUMNS, VersionTables, add_keys
from include.settings import Settings
from include.tombstones.table import leave_out_letters

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

POSITIONS_PER_BATCH = 500_000
"""Positions of one micro-batch. Once a round has all its positions, later batches are not read."""

UNREADABLE = "unreadable"


class EmptyVersion(UserError):
    """A version without one readable post."""


def dump_raw(spark: SparkSession, version: int, settings: Settings, posts: int = 50_000) -> dict[str, Any]:
    """Write at most ``posts`` posts of a version, half from each topic, into its raw table.

    Returns the summary: posts by topic, messages read, dead letters.

    Raises:
        MissingTable: the version was not collected.
        PositionsLost, BrokerUnavailable: Kafka no longer has the messages, or does not answer.
        EmptyVersion: none of the messages is a post; they are in ``dead_letter``.
        VersionBusy: another run is working on the version.
    """
    table = VersionTables.of(version, settings).raw
    with staging(version, settings) as build:
        positions = collected_positions(build.connection, version)
        require_positions(positions, version, settings)
        build.create(table, RAW_COLUMNS)
        build.create(UNREADABLE, UNREADABLE_COLUMNS)
        wanted = dict.fromkeys((settings.ai_topic, settings.mix_topic), posts // 2)
        rounds = _fill(spark, build, table, positions, wanted, settings)
        left_out = build.leave_out_forgotten(table)
        found, dead = _posts_by_topic(build, table), _count(build, UNREADABLE)
        if not found:
            build.publish([], _keep_unreadable)
            raise EmptyVersion(
                f"dataset version {version} holds no readable post: {dead} of its messages are no posts "
                f"(table dead_letter, stage {STAGE!r}, says why); "
                "check the source, then run the DAGs clean_dataset and collect_tweets"
            )
        build.publish([table], lambda connection: _finish(connection, table))
    return {
        "version": version,
        "table": table,
        "rows": sum(found.values()),
        "rows_by_topic": {topic: found.get(topic, 0) for topic in wanted},
        "positions_collected": positions.count(),
        "dead_letters": dead,
        "forgotten": left_out,
        "rounds": rounds,
    }


def _fill(
    spark: SparkSession,
    build: Staging,
    table: str,
    positions: Positions,
    wanted: dict[str, int],
    settings: Settings,
) -> int:
    """Read rounds of positions until every topic has its quota or none is left; the number of rounds."""
    rounds = 0
    missing = wanted
    while True:
        taken, positions = positions.take(missing)
        if not taken.count():
            return rounds
        _read(spark, build, table, taken, rounds, settings)
        rounds += 1
        found = _posts_by_topic(build, table)
        missing = {topic: number - found.get(topic, 0) for topic, number in wanted.items()}


def _read(
    spark: SparkSession, build: Staging, table: str, taken: Positions, number: int, settings: Settings
) -> None:
    """Stream the positions taken into the staging tables."""
    goal = _count(build, table) + _count(build, UNREADABLE) + taken.count()

    def parse_and_copy(connection: psycopg.Connection, batch: pa.RecordBatch) -> None:
        unreadable: list[tuple[Any, ...]] = []
        copy_rows(connection, table, (*COLUMNS, *RAW_ONLY), rows(batch, unreadable))
        copy_rows(connection, UNREADABLE, UNREADABLE_NAMES, unreadable)

    def write(batch: DataFrame, batch_id: int) -> None:
        if _count(build, table) + _count(build, UNREADABLE) < goal:  # else past the end: nothing to read
            write_frame(batch, build, f"{number}/{batch_id}", parse_and_copy, settings)

    checkpoints = settings.state_dir / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{build.schema}-", dir=checkpoints) as checkpoint:
        query = (
            _messages(spark, taken, settings)
            .writeStream.foreachBatch(write)
            .option("checkpointLocation", checkpoint)
            .trigger(availableNow=True)
            .start()
        )
        try:
            query.awaitTermination()
        finally:
            query.stop()


def _messages(spark: SparkSession, taken: Positions, settings: Settings) -> DataFrame:
    """The messages of the positions taken, as a stream that ends where the topics end now."""
    return (
        spark.readStream.format("kafka")
        .options(**spark_options(settings))
        .option("assign", taken.partitions())
        .option("startingOffsets", taken.starts())
        .option("maxOffsetsPerTrigger", POSITIONS_PER_BATCH)
        .option("failOnDataLoss", "true")
        .option("groupIdPrefix", "tweetsieve-dump-raw")
        .load()
        .where(taken.before_end())
        .select("topic", "partition", "offset", "timestamp", "key", "value")
    )


def _finish(connection: psycopg.Connection, table: str) -> None:
    add_keys(connection, table, RAW)
    _keep_unreadable(connection)


def _keep_unreadable(connection: psycopg.Connection) -> None:
    """Move dead letters to the shared table; one that is there already is updated."""
    leave_out_letters(connection, sql.Identifier(UNREADABLE))
    connection.execute(
        f"INSERT INTO dead_letter (workload, {', '.join(UNREADABLE_NAMES)}) "  # noqa: S608 - constants
        f"SELECT '{WORKLOAD}', {', '.join(UNREADABLE_NAMES)} FROM {UNREADABLE} "
        "ON CONFLICT (workload, topic, kafka_partition, kafka_offset) DO UPDATE "
        "SET reason = EXCLUDED.reason, key = EXCLUDED.key, value = EXCLUDED.value"
    )


def _posts_by_topic(build: Staging, table: str) -> dict[str, int]:
    return dict(build.query("SELECT topic, count(*) FROM {} GROUP BY topic", table))


def _count(build: Staging, table: str) -> int:
    return int(build.query("SELECT count(*) FROM {}", table)[0][0])
