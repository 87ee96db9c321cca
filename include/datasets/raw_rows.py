"""Kafka messages as rows of the raw table, and unreadable ones as rows of dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from include.lexicon.keywords import matched_keywords
from include.posts.parse import parse_post
from include.posts.post import PostError
from include.schema.dataset_tables import POST_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

WORKLOAD = "collect_tweets"
"""Owner of the dead letters of a collection: the DAG."""
STAGE = "collect"
RAW_ONLY = ("author", "repeats")
COLUMNS = tuple(column.split()[0] for column in POST_COLUMNS.split(","))
UNREADABLE_COLUMNS = (
    "topic text, kafka_partition integer, kafka_offset bigint, "
    "stage text, reason text, key bytea, value bytea"
)
UNREADABLE_NAMES = tuple(column.split()[0] for column in UNREADABLE_COLUMNS.split(", "))


def rows(batch: pa.RecordBatch, unreadable: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Rows of the raw table (COLUMNS, RAW_ONLY) from a batch of messages; others are added to ``unreadable``.

    ``batch`` has the columns topic, partition, offset, timestamp, key and value of Spark's Kafka source.
    """
    for topic, partition, offset, timestamp, key, value in zip(
        *(c.to_pylist() for c in batch.columns), strict=True
    ):
        try:
            post = parse_post(value if value is not None else b"")
        except PostError as error:
            unreadable.append((topic, partition, offset, STAGE, error.reason, key, value))
            continue
        yield (
            topic, partition, offset, post.id, post.created_at, post.source, post.source_kind, post.lang,
            post.text, list(post.links), list(post.media), list(post.hashtags),
            list(matched_keywords(post.text)), post.is_retweet, timestamp,
            post.author, post.repeats,
        )  # fmt: skip
