"""The rows of ``model_version``: inserted before a training, completed after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from include.infra.postgres.connection import connect
from include.settings import Settings


def begin_version(settings: Settings, dataset_version: int) -> int:
    """Insert the row of a training; its number is the model version."""
    query = "INSERT INTO model_version (model_name, dataset_version) VALUES (%s, %s) RETURNING model_version"
    with connect(settings) as connection:
        row = connection.execute(query, [settings.model_name, dataset_version]).fetchone()
    assert row is not None
    return int(row[0])


def complete_version(settings: Settings, number: int, path: Path, report: dict[str, Any]) -> None:
    """Mark a training as completed, with the model's path and metrics."""
    query = "UPDATE model_version SET path = %s, metrics = %s, completed_at = now() WHERE model_version = %s"
    with connect(settings) as connection:
        connection.execute(query, [str(path), Jsonb(report), number])


def latest_of_dataset(settings: Settings, dataset_version: int) -> int | None:
    """The last completed model of a dataset version; None where there is none."""
    query = """
        SELECT max(model_version) FROM model_version
        WHERE model_name = %s AND dataset_version = %s AND completed_at IS NOT NULL
    """
    with connect(settings) as connection:
        row = connection.execute(query, [settings.model_name, dataset_version]).fetchone()
    return row[0] if row else None
