"""The table ``stream_commit``: which batches are in the sink, and how far in Kafka they reach."""

from __future__ import annotations

import psycopg

from include.infra.kafka.offsets import Positions, from_json, merge, to_json

KEPT_DAYS = 7


def committed_positions(connection: psycopg.Connection, workload: str) -> Positions:
    """How far the workload is committed; empty where it never ran."""
    row = connection.execute(
        "SELECT end_offsets FROM stream_commit WHERE workload = %s ORDER BY id DESC LIMIT 1", [workload]
    ).fetchone()
    return from_json(row[0]) if row else {}


def is_committed(connection: psycopg.Connection, workload: str, query_id: str, batch_id: int) -> bool:
    """Whether the batch is in the sink already."""
    row = connection.execute(
        "SELECT FROM stream_commit WHERE workload = %s AND query_id = %s AND batch_id = %s",
        [workload, query_id, batch_id],
    ).fetchone()
    return row is not None


def write_commit(
    connection: psycopg.Connection,
    workload: str,
    query_id: str,
    batch_id: int,
    reached: Positions,
    *,
    posts: int = 0,
    dead_letters: int = 0,
) -> None:
    """Add the batch to the caller's transaction. Its positions include all earlier ones."""
    ends = merge(committed_positions(connection, workload), reached)
    connection.execute(
        "INSERT INTO stream_commit (workload, query_id, batch_id, end_offsets, posts, dead_letters)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [workload, query_id, batch_id, to_json(ends), posts, dead_letters],
    )


def forget_old(connection: psycopg.Connection, workload: str) -> None:
    """Drop commits and progress rows of the workload older than a week, but the latest ones."""
    for table in ("stream_commit", "stream_progress"):
        connection.execute(
            f"DELETE FROM {table} WHERE workload = %(workload)s"  # noqa: S608 - one of two names above
            f" AND id < (SELECT max(id) - 1000 FROM {table} WHERE workload = %(workload)s)"
            f" AND {'committed_at' if table == 'stream_commit' else 'created_at'}"
            " < now() - make_interval(days => %(days)s)",
            {"workload": workload, "days": KEPT_DAYS},
        )
