"""Texts from a version's split tables; weak labels into those tables and into files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from include.infra.postgres.copy_rows import copy_rows
from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.label_models import Labeller, WeakLabels
from include.labelling.review_queues import QUEUED_SPLITS, add_conflicts, conflict
from include.labelling.votes import votes
from include.lexicon.labels import ABSTAIN
from include.schema.dataset_tables import VersionTables

CHUNK = 5_000
STAGED = ("id", "text_hash", "weak_label", "weak_probability", "conflict")
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("text_hash", pa.string()),
        ("weak_label", pa.int8()),
        ("weak_probability", pa.float64()),
        ("votes", pa.list_(pa.int8())),
    ],
    metadata={"functions": ",".join(function.name for function in LABELLING_FUNCTIONS)},
)


class PostText(NamedTuple):
    """The columns of a split that labelling reads."""

    id: str
    text_hash: str
    text: str


def chunks(connection: psycopg.Connection, table: str, size: int = CHUNK) -> Iterator[list[PostText]]:
    """A split's texts in the order of their ids, at most ``size`` of them in memory."""
    query = sql.SQL("SELECT id, text_hash, text FROM {} ORDER BY id").format(sql.Identifier(table))
    with connection.cursor(name=f"texts_of_{table}") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(size):
            yield [PostText(*row) for row in rows]


def split_votes(connection: psycopg.Connection, table: str) -> np.ndarray:
    """The votes on all posts of a split, int8 [n, m]."""
    parts = [votes([post.text for post in posts]) for posts in chunks(connection, table)]
    return np.concatenate(parts) if parts else np.empty((0, len(LABELLING_FUNCTIONS)), dtype=np.int8)


def write_labels(
    connection: psycopg.Connection, tables: VersionTables, split: str, labeller: Labeller, parquet: Path
) -> dict[str, int]:
    """Label a split: its table's weak columns, in the caller's transaction, and a parquet file.

    Posts on which the functions disagree are queued for labelling, except those of the test split.

    Returns:
        Counts: posts, ai, not_ai, unlabelled.
    """
    counts = {"posts": 0, "ai": 0, "not_ai": 0, "unlabelled": 0}
    table = tables.split(split)
    staging = f"weak_{table}"
    connection.execute(
        sql.SQL(
            "CREATE TEMP TABLE {} (id text, text_hash text, weak_label smallint,"
            " weak_probability double precision, conflict double precision) ON COMMIT DROP"
        ).format(sql.Identifier(staging))
    )
    with pq.ParquetWriter(parquet, SCHEMA) as writer:
        for posts in chunks(connection, table):
            matrix = votes([post.text for post in posts])
            weak = labeller.label(matrix)
            columns = _columns(weak)
            staged = (*zip(*((post.id, post.text_hash) for post in posts), strict=True), *columns)
            rows = zip(*staged, conflict(matrix).tolist(), strict=True)
            copy_rows(connection, staging, STAGED, rows)
            writer.write_batch(_batch(posts, columns, matrix))
            for name, value in (("ai", 1), ("not_ai", 0), ("unlabelled", ABSTAIN)):
                counts[name] += int((weak.labels == value).sum())
            counts["posts"] += len(posts)
    _update(connection, table, staging)
    if split in QUEUED_SPLITS:
        add_conflicts(connection, tables.version, staging)
    return counts


def _columns(weak: WeakLabels) -> tuple[list[int | None], list[float | None]]:
    """Labels and probabilities with None where there is no label."""
    labelled = (weak.labels != ABSTAIN).tolist()
    labels = [label if known else None for label, known in zip(weak.labels.tolist(), labelled, strict=True)]
    probabilities = [
        value if known else None for value, known in zip(weak.probabilities.tolist(), labelled, strict=True)
    ]
    return labels, probabilities


def _batch(
    posts: Sequence[PostText], columns: tuple[list[int | None], list[float | None]], matrix: np.ndarray
) -> pa.RecordBatch:
    labels, probabilities = columns
    arrays = [
        pa.array([post.id for post in posts], pa.string()),
        pa.array([post.text_hash for post in posts], pa.string()),
        pa.array(labels, pa.int8()),
        pa.array(probabilities, pa.float64()),
        pa.array(list(matrix), pa.list_(pa.int8())),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _update(connection: psycopg.Connection, table: str, staging: str) -> None:
    """Update the table, except rows whose labels stay the same."""
    connection.execute(
        sql.SQL(
            """UPDATE {table} t SET weak_label = w.weak_label, weak_probability = w.weak_probability
               FROM {staging} w WHERE w.id = t.id
               AND (t.weak_label, t.weak_probability) IS DISTINCT FROM (w.weak_label, w.weak_probability)"""
        ).format(table=sql.Identifier(table), staging=sql.Identifier(staging))
    )
