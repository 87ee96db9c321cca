"""Tiny models in a model store as trainings leave them, and golden labels to judge them by."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from include.infra.postgres.connection import connect
from include.model.registry.store import ModelStore
from include.schema.dataset_tables import VersionTables
from include.settings import Settings
from tests.support.datasets.labelled_posts import add_golden, fill_version

DATASET_VERSION = 7100
"""The dataset version that most tests share."""
MakeModel = Callable[[Path, int], None]
"""Writes a SavedModel with this version into a folder."""
POSTS: list[tuple[str, float]] = [
    (f"{'all about AI' if i % 3 == 0 else 'all about tea'} number{i}", 0.9 if i % 3 == 0 else 0.1)
    for i in range(150)
]
"""Every third is about AI, and ``tiny_models.classifier`` finds those."""


def fill(settings: Settings, version: int, *, golden: int = len(POSTS)) -> None:
    """Create a dataset version of ``POSTS``, all in the test split, and label the first ``golden``."""
    with connect(settings) as connection:
        fill_version(connection, VersionTables.of(version, settings), {"test": POSTS, "dev": []})
        for text, probability in POSTS[:golden]:
            add_golden(connection, text, int(probability > 0.5))


def add_model(settings: Settings, dataset_version: int, make: MakeModel, **metrics: Any) -> int:
    """Put a model into the store and into ``model_version``; returns its version."""
    with connect(settings) as connection:
        row = connection.execute(
            "INSERT INTO model_version (model_name, dataset_version, completed_at) "
            "VALUES (%s, %s, now()) RETURNING model_version",
            [settings.model_name, dataset_version],
        ).fetchone()
    assert row is not None
    with ModelStore(settings).staging(row[0]) as staged:
        shutil.rmtree(staged)
        make(staged, row[0])
        (staged / "report").mkdir()
        content = {"dataset_version": dataset_version, "threshold": 0.5, **metrics}
        (staged / "report" / "metrics.json").write_text(json.dumps(content))
    return row[0]
