"""Labels are given with the rights of a task."""

from __future__ import annotations

import pytest

from include.settings import Settings


@pytest.fixture(scope="session")
def database(database: Settings) -> Settings:
    return database.as_role("tasks")
