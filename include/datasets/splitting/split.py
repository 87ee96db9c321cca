"""Splitting a version's unique posts into test, dev, snorkel_train and train.

Near-duplicate groups stay whole. They are ordered by SHA-256 of seed and group, so that the same posts and
seed always give the same split. Spark counts and chooses groups; the rows are copied within Postgres.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from psycopg import sql

from include.datasets.spark_copy import copy_frame
from include.datasets.splitting.allocation import Allocation, allocate, digits
from include.datasets.splitting.sizes import ENOUGH, split_sizes
from include.datasets.staging import Staging, staging
from include.infra.spark.read_table import read_table
from include.schema.dataset_tables import SPLIT, SPLIT_COLUMNS, VersionTables, add_keys, require_table
from include.settings import Settings

if TYPE_CHECKING:
    import psycopg
    from pyspark.sql import DataFrame, SparkSession

log = logging.getLogger(__name__)

CHOSEN = "chosen"
CHOSEN_COLUMNS = "near_duplicate_group text, split text"


def split(spark: SparkSession, version: int, settings: Settings) -> dict[str, Any]:
    """Make a version's four split tables from its deduplicated one, all four at once.

    Returns the summary: rows in, rows wanted and rows by split, whether sizes were scaled down.

    Raises:
        MissingTable: there is no deduplicated table: run ``build_dataset``.
        VersionBusy: another run is working on the version.
    """
    tables = VersionTables.of(version, settings)
    with staging(version, settings) as build:
        require_table(build.connection, tables.deduplicated, "build_dataset")
        build.create(CHOSEN, CHOSEN_COLUMNS)
        for table in tables.splits.values():
            build.create(table, SPLIT_COLUMNS)
        posts = read_table(spark, tables.deduplicated, ["near_duplicate_group"], settings)
        rows, wanted = _choose(posts, build, settings)
        build.publish(list(tables.splits.values()), lambda connection: _finish(connection, tables))
        found = {name: build.rows(table) for name, table in tables.splits.items()}
    return {"version": version, "rows_in": rows, "rows": found, "wanted": wanted, "scaled": rows < ENOUGH}


def _choose(posts: DataFrame, build: Staging, settings: Settings) -> tuple[int, dict[str, int]]:
    """Write the groups of all splits except train to the staging table; all rows, and those wanted."""
    from pyspark.sql import functions as F

    sizes = posts.groupBy("near_duplicate_group").agg(F.count("*").alias("size"))
    key = F.sha2(F.concat(F.lit(f"{settings.split_seed}:"), "near_duplicate_group"), 256)
    ordered = sizes.withColumn("place", key).persist()
    try:
        bucket = F.substring("place", 1, digits(ordered.count()))
        groups = ordered.withColumn("bucket", bucket)
        counted = groups.groupBy("bucket").agg(F.sum("size").alias("posts"))
        counts = {row.bucket: row.posts for row in counted.toLocalIterator()}
        rows = sum(counts.values())
        wanted = split_sizes(rows)
        _announce(rows, wanted)
        allocation = allocate(counts, lambda name: _groups_of(groups, name), wanted)
        copy_frame(_chosen(groups, allocation), build, CHOSEN, ("near_duplicate_group", "split"), settings)
    finally:
        ordered.unpersist()
    return rows, wanted


def _announce(rows: int, wanted: dict[str, int]) -> None:
    if rows < ENOUGH:
        sizes = ", ".join(f"{name} {size:,}" for name, size in wanted.items())
        log.info(
            "%s unique posts are less than %s: split scaled down to %s, train the rest",
            f"{rows:,}", f"{ENOUGH:,}", sizes,
        )  # fmt: skip


def _groups_of(groups: DataFrame, bucket: str) -> Iterable[tuple[str, int]]:
    """The groups of one bucket, some hundreds, in their order."""
    found = groups.where(groups.bucket == bucket).orderBy("place").select("near_duplicate_group", "size")
    return [(row.near_duplicate_group, row.size) for row in found.toLocalIterator()]


def _chosen(groups: DataFrame, allocation: Allocation) -> DataFrame:
    """The groups of whole buckets and the single groups, with their split."""
    from pyspark.sql import functions as F

    spark = groups.sparkSession
    buckets = spark.createDataFrame(list(allocation.buckets.items()), "bucket string, split string")
    whole = groups.join(F.broadcast(buckets), "bucket").select("near_duplicate_group", "split")
    single = spark.createDataFrame(
        list(allocation.groups.items()), "near_duplicate_group string, split string"
    )
    return whole.unionByName(single)


def _finish(connection: psycopg.Connection, tables: VersionTables) -> None:
    """Copy each split's rows from the deduplicated table, within Postgres."""
    connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(CHOSEN)))
    for name, table in tables.splits.items():
        connection.execute(
            sql.SQL(
                "INSERT INTO {} SELECT posts.* FROM {} AS posts "
                "LEFT JOIN {} AS chosen USING (near_duplicate_group) "
                "WHERE COALESCE(chosen.split, 'train') = %s"
            ).format(*map(sql.Identifier, (table, tables.deduplicated, CHOSEN))),
            [name],
        )
        add_keys(connection, table, SPLIT)
