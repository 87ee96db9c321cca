"""One row per post and per text, with the group of its near-duplicates.

Spark decides which rows stay; the rows themselves never leave Postgres, which copies them from the
raw table by their positions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from psycopg import sql

from include.datasets.raw_rows import COLUMNS
from include.datasets.spark_copy import copy_frame
from include.datasets.staging import Staging, staging
from include.infra.spark.read_table import read_table
from include.schema.dataset_tables import (
    DEDUPLICATED,
    DEDUPLICATED_COLUMNS,
    VersionTables,
    add_keys,
    require_table,
)
from include.settings import Settings

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

POSITION = ("topic", "kafka_partition", "kafka_offset")
KEPT = "kept"
KEPT_COLUMNS = (
    "topic text, kafka_partition integer, kafka_offset bigint, text_hash text, near_duplicate_group text"
)
_KEPT_NAMES = tuple(column.split()[0] for column in KEPT_COLUMNS.split(", "))


def deduplicate(spark: SparkSession, version: int, settings: Settings) -> dict[str, Any]:
    """Make a version's deduplicated table from its raw one.

    Returns the summary: rows in and out, groups of more than one text and the texts in them.

    Raises:
        MissingTable: there is no raw table: run ``collect_tweets``.
        VersionBusy: another run is working on the version.
    """
    tables = VersionTables.of(version, settings)
    with staging(version, settings) as build:
        require_table(build.connection, tables.raw, "collect_tweets")
        build.create(KEPT, KEPT_COLUMNS)
        build.create(tables.deduplicated, DEDUPLICATED_COLUMNS)
        posts = read_table(spark, tables.raw, (*POSITION, "id", "created_at", "text"), settings)
        _write_kept(posts, build, settings)
        build.publish([tables.deduplicated], lambda connection: _finish(connection, tables))
        return {"version": version, "table": tables.deduplicated, **_summary(build, tables)}


def _write_kept(posts: DataFrame, build: Staging, settings: Settings) -> None:
    from pyspark.sql import functions as F

    from include.datasets.dedup.near_duplicates import near_duplicate_groups

    kept = unique_texts(posts).persist()
    try:
        group = F.coalesce("near_duplicate_group", "text_hash").alias("near_duplicate_group")
        rows = kept.join(near_duplicate_groups(kept), "text_hash", "left").select(
            *POSITION, "text_hash", group
        )
        copy_frame(rows, build, KEPT, _KEPT_NAMES, settings)
    finally:
        kept.unpersist()


def unique_texts(posts: DataFrame) -> DataFrame:
    """One row per post id, and of those one per normalised text: the earliest.

    The order is by time of creation (unknown ones last), then by the smaller id (as a number, where
    ids are numbers). Ids are made unique first, so that a post that occurs with two texts does not displace
    another post with the text that it does not keep.

    Args:
        posts: columns of ``POSITION``, ``id``, ``created_at`` and ``text``.

    Returns:
        Columns of ``POSITION``, ``text_hash``, ``node`` (the hash's first 64 bits) and ``shingles``.
    """
    from pyspark.sql import functions as F

    hashed = posts.select(*POSITION, "id", "created_at", "text").mapInArrow(
        _hashed,
        "topic string, kafka_partition int, kafka_offset long, id string, created_at timestamp, "
        "text_hash string, node long, shingles array<long>",
    )
    age = (F.col("created_at").isNull().alias("undated"), "created_at")
    rest = (*POSITION, "node", "shingles")
    by_id = hashed.groupBy("id").agg(F.min(F.struct(*age, "text_hash", *rest)).alias("first"))
    first = by_id.select("id", "first.*")
    size = F.length("id").alias("id_length")
    by_text = first.groupBy("text_hash").agg(F.min(F.struct(*age, size, "id", *rest)).alias("first"))
    return by_text.select("text_hash", *(f"first.{name}" for name in rest))


def _hashed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Replace the text by its hash, the hash's first 64 bits, and its shingles."""
    import pyarrow as pa

    from include.datasets.dedup.minhash import shingles
    from include.posts.text import text_hash, tokens

    for batch in batches:
        texts = batch.column("text").to_pylist()
        hashes = [text_hash(text) for text in texts]
        nodes = [int.from_bytes(bytes.fromhex(value[:16]), signed=True) for value in hashes]
        sets = pa.array([shingles(tokens(text)) for text in texts], pa.list_(pa.int64()))
        columns = {name: batch.column(name) for name in batch.schema.names if name != "text"}
        columns |= {"text_hash": pa.array(hashes, pa.string()), "node": pa.array(nodes, pa.int64())}
        yield pa.RecordBatch.from_pydict({**columns, "shingles": sets})


def _finish(connection: psycopg.Connection, tables: VersionTables) -> None:
    """Copy the rows that stay from the raw table, within Postgres."""
    raw, deduplicated = sql.Identifier(tables.raw), sql.Identifier(tables.deduplicated)
    posts = [sql.Identifier("raw", column) for column in COLUMNS]
    connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(KEPT)))
    connection.execute(
        sql.SQL(
            "INSERT INTO {} SELECT {}, kept.text_hash, kept.near_duplicate_group FROM {} AS raw "
            "JOIN {} AS kept USING (topic, kafka_partition, kafka_offset)"
        ).format(deduplicated, sql.SQL(", ").join(posts), raw, sql.Identifier(KEPT))
    )
    add_keys(connection, tables.deduplicated, DEDUPLICATED)


def _summary(build: Staging, tables: VersionTables) -> dict[str, int]:
    query = sql.SQL(
        "WITH sizes AS (SELECT count(*) AS n FROM {} GROUP BY near_duplicate_group) "
        "SELECT (SELECT count(*) FROM {}), COALESCE(sum(n), 0)::bigint, count(*), "
        "count(*) FILTER (WHERE n > 1), COALESCE(sum(n) FILTER (WHERE n > 1), 0)::bigint, "
        "COALESCE(max(n), 0) FROM sizes"
    ).format(sql.Identifier(tables.deduplicated), sql.Identifier(tables.raw))
    row = build.connection.execute(query).fetchone()
    assert row is not None
    names = ("rows_in", "rows", "groups", "near_duplicate_groups", "texts_in_them", "biggest_group")
    return dict(zip(names, row, strict=True))
