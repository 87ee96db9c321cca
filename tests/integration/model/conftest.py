"""One training for all tests of the model."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from include.infra.postgres.connection import connect
from include.model.registry.store import ModelStore
from include.schema.dataset_tables import VersionTables
from include.settings import Settings
from tests.support.datasets.labelled_posts import add_golden, fill_version
from tests.support.models.trained_version import GOLDEN, POSTS, VERSION


@pytest.fixture(scope="session")
def trained(database: Settings) -> tuple[Settings, int]:
    from include.model.train import train_classifier

    splits: dict[str, Sequence[tuple[str, float | None]]] = {
        "test": POSTS[:120],
        "dev": POSTS[120:240],
        "snorkel_train": POSTS[240:500],
        "train": [*POSTS[500:880], *((text, None) for text, _ in POSTS[880:])],
    }
    with connect(database) as connection:
        fill_version(connection, VersionTables.of(VERSION, database), splits)
        for text, label in GOLDEN:
            add_golden(connection, text, label)
    return database, train_classifier(VERSION, database, epochs=8, seed=3)


@pytest.fixture(scope="session")
def report(trained: tuple[Settings, int]) -> dict:
    settings, number = trained
    return ModelStore(settings).metrics(number)
