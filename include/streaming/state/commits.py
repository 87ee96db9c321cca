"""The table ``stream_commit``: which batches are in the sinks, and how far in Kafka they reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg
from psycopg.types.json import Jsonb

from include.infra.kafka.offsets import Positions, from_json, merge, to_json

TopicIds = Mapping[str, str]
"""Kafka's id of each topic: a topic that was deleted and created again has another one."""


@dataclass(frozen=True)
class Reached:
    """How far a workload is committed, and in which topics; empty where it never ran.

    ``topic_ids`` lacks the topics that were committed before ids were kept.
    """

    positions: Positions = field(default_factory=dict)
    topic_ids: TopicIds = field(default_factory=dict)


def reached(connection: psycopg.Connection, workload: str) -> Reached:
    """How far the workload is committed."""
    row = connection.execute(
        "SELECT end_offsets, topic_ids FROM stream_commit WHERE workload = %s ORDER BY id DESC LIMIT 1",
        [workload],
    ).fetchone()
    return Reached(from_json(row[0]), row[1]) if row else Reached()


def committed_positions(connection: psycopg.Connection, workload: str) -> Positions:
    """The positions up to which the workload is committed; empty where it never ran."""
    return reached(connection, workload).positions


def is_committed(connection: psycopg.Connection, workload: str, query_id: str, batch_id: int) -> bool:
    """Whether the batch is in the sinks already."""
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
    ends: Reached,
    counts: Mapping[str, float] | None = None,
    reports: Mapping[str, int] | None = None,
) -> None:
    """Add the batch to the caller's transaction. What it reached includes all that was reached before.

    Args:
        reports: messages by the error that their source reports in them; the monitor alerts them.
    """
    before, counts = reached(connection, workload), counts or {}
    connection.execute(
        "INSERT INTO stream_commit (workload, query_id, batch_id, end_offsets, topic_ids, posts,"
        " dead_letters, counts, reports) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            workload, query_id, batch_id, to_json(merge(before.positions, ends.positions)),
            Jsonb({**before.topic_ids, **ends.topic_ids}), counts.get("rows", 0),
            counts.get("dead_letters", 0), Jsonb(dict(counts)), Jsonb(dict(reports or {})),
        ],
    )  # fmt: skip


def learn_topic_ids(connection: psycopg.Connection, workload: str, ids: TopicIds) -> None:
    """Keep the ids of topics whose latest commit has none: it is from before ids were kept."""
    connection.execute(
        "UPDATE stream_commit SET topic_ids = %(ids)s || topic_ids"
        " WHERE id = (SELECT max(id) FROM stream_commit WHERE workload = %(workload)s)",
        {"ids": Jsonb(dict(ids)), "workload": workload},
    )
