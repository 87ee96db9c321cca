"""The queue ``disagreement``: posts on which the model in service and the weak labels disagree."""

from __future__ import annotations

import numpy as np
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from include.labelling.review_queues import QUEUED_SPLITS
from include.schema.dataset_tables import VersionTables
from include.serving.client import ServingClient

SCORED = 5_000
"""Posts of each split that the model scores: a fixed sample, which takes about a second."""
BATCH = 512


def refresh(connection: psycopg.Connection, tables: VersionTables, client: ServingClient) -> int:
    """Rebuild the queue if another model is in service than the one it was built with; the model's version.

    Raises:
        ServingUnavailable: no model server answers.
        ServingError: it answers, but with no prediction (no model is in service yet).
    """
    in_service = client.predict(["in service"]).model_version
    if _built_with(connection, tables.version) == in_service:
        return in_service
    rows = [row for name in QUEUED_SPLITS for row in _labelled(connection, tables, name)]
    scores = _scores(client, [text for _, text, _ in rows], in_service)
    with connection.transaction():
        connection.execute(
            "DELETE FROM labelling_queue WHERE version = %s AND queue = 'disagreement'", [tables.version]
        )
        _write(connection, tables.version, rows, scores, in_service)
    return in_service


def _built_with(connection: psycopg.Connection, version: int) -> int | None:
    row = connection.execute(
        """SELECT (details ->> 'model_version')::int FROM labelling_queue
           WHERE version = %s AND queue = 'disagreement' LIMIT 1""",
        [version],
    ).fetchone()
    return row[0] if row else None


def _labelled(
    connection: psycopg.Connection, tables: VersionTables, split: str
) -> list[tuple[str, str, float]]:
    query = sql.SQL(
        """SELECT text_hash, text, weak_probability FROM {}
           WHERE weak_probability IS NOT NULL ORDER BY text_hash LIMIT %s"""
    ).format(sql.Identifier(tables.split(split)))
    return connection.execute(query, [SCORED]).fetchall()


def _scores(client: ServingClient, texts: list[str], model_version: int) -> np.ndarray:
    parts = [
        client.predict(texts[start : start + BATCH], model_version).probabilities
        for start in range(0, len(texts), BATCH)
    ]
    return np.concatenate(parts) if parts else np.empty(0)


def _write(
    connection: psycopg.Connection,
    version: int,
    rows: list[tuple[str, str, float]],
    scores: np.ndarray,
    model_version: int,
) -> None:
    """Queue the posts that the two put in different classes, the largest difference first."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO labelling_queue (version, queue, text_hash, priority, details)
               VALUES (%s, 'disagreement', %s, %s, %s) ON CONFLICT DO NOTHING""",
            [
                (
                    version,
                    text_hash,
                    abs(weak - score),
                    Jsonb({"model_version": model_version, "probability": round(score, 4)}),
                )
                for (text_hash, _, weak), score in zip(rows, scores.tolist(), strict=True)
                if (weak > 0.5) != (score > 0.5)
            ],
        )
