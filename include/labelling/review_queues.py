"""The targeted queues: posts that are worth labelling, the most informative first."""

from __future__ import annotations

import numpy as np
import psycopg
from psycopg import sql

from include.lexicon.labels import AI, NOT_AI
from include.schema.dataset_tables import VersionTables

QUEUED_SPLITS = ("train", "snorkel_train", "dev")
"""Never test: posts that were chosen for being hard must not be measured on."""
LONGEST = 5_000
"""Posts of one split on one queue; more than anybody labels."""


def conflict(votes: np.ndarray) -> np.ndarray:
    """How much the functions disagree on each post, float [n] within [0, 0.5).

    The minority's share of the votes [n, m], with one vote added, so that five against five come before one
    against one.

    >>> conflict(np.array([[1, 0, -1], [1, 1, -1], [-1, -1, -1]])).round(2).tolist()
    [0.33, 0.0, 0.0]
    """
    for_ai, against = (votes == AI).sum(axis=1), (votes == NOT_AI).sum(axis=1)
    return np.minimum(for_ai, against) / (for_ai + against + 1)


def clear(connection: psycopg.Connection, version: int) -> None:
    """Delete a version's queues: its weak labels are about to change."""
    connection.execute("DELETE FROM labelling_queue WHERE version = %s", [version])


def add_conflicts(connection: psycopg.Connection, version: int, staging: str) -> None:
    """Queue a split's posts by conflict, from a table of ``text_hash`` and ``conflict``."""
    query = sql.SQL(
        """INSERT INTO labelling_queue (version, queue, text_hash, priority)
           SELECT %s, 'conflict', text_hash, conflict FROM {} WHERE conflict > 0
           ORDER BY conflict DESC, text_hash LIMIT %s
           ON CONFLICT DO NOTHING"""
    ).format(sql.Identifier(staging))
    connection.execute(query, [version, LONGEST])


def add_doubtful(connection: psycopg.Connection, tables: VersionTables) -> None:
    """Queue posts by how close their soft label is to 0.5; one without a label counts as 0.5."""
    for name in QUEUED_SPLITS:
        query = sql.SQL(
            """INSERT INTO labelling_queue (version, queue, text_hash, priority)
               SELECT %s, 'uncertainty', text_hash, 0.5 - abs(coalesce(weak_probability, 0.5) - 0.5) AS doubt
               FROM {} ORDER BY doubt DESC, text_hash LIMIT %s
               ON CONFLICT DO NOTHING"""
        ).format(sql.Identifier(tables.split(name)))
        connection.execute(query, [tables.version, LONGEST])
