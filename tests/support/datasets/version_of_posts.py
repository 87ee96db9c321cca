"""A small dataset version for tests: posts in all of a version's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from include.posts.text import text_hash
from include.schema.dataset_tables import (
    SPLITS,
    VersionTables,
    create_deduplicated,
    create_raw,
    create_split,
)

NOW = datetime(2026, 4, 5, tzinfo=UTC)


def build(
    connection: psycopg.Connection, version: int, texts: Mapping[str, Sequence[str]], **columns: object
) -> None:
    """Write texts, by split, as a version's tables; ids are <version>-<split>-<place>.

    ``columns`` are values that all posts share: links, keywords, lang and the like.
    """
    tables = VersionTables.of(version)
    drop(connection, version)
    create_raw(connection, tables.raw)
    create_deduplicated(connection, tables.deduplicated)
    for split in SPLITS:
        create_split(connection, tables.split(split))
    offset = 0
    for split, split_texts in texts.items():
        for place, text in enumerate(split_texts):
            row = _row(f"{version}-{split}-{place}", text, offset, columns)
            insert(connection, tables.raw, row)
            row |= {"text_hash": text_hash(text), "near_duplicate_group": text_hash(text)}
            insert(connection, tables.deduplicated, row)
            insert(connection, tables.split(split), row)
            offset += 1


def drop(connection: psycopg.Connection, version: int) -> None:
    """Drop a version's tables, as far as they are there."""
    for table in VersionTables.of(version).all:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))


def insert(connection: psycopg.Connection, table: str, row: dict[str, object]) -> None:
    """Insert one row."""
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join([sql.Placeholder()] * len(row)),
        ),
        list(row.values()),
    )


def _row(post_id: str, text: str, offset: int, columns: dict[str, object]) -> dict[str, object]:
    return {
        "topic": "mix_tweets_topic",
        "kafka_partition": 0,
        "kafka_offset": offset,
        "id": post_id,
        "source_kind": "plain",
        "lang": "en",
        "text": text,
        "links": [],
        "media": [],
        "hashtags": [],
        "keywords": [],
        "is_retweet": False,
        "ingested_at": NOW,
    } | columns
