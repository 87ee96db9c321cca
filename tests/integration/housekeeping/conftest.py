"""A database of its own, as housekeeping deletes whatever is old in it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from include.infra.postgres.connection import connect
from include.local_stack.database.preparation import prepare_databases
from include.settings import Settings

EMPTIED = (
    "ai_tweets", "links", "dead_letter", "stream_commit", "stream_progress", "stream_incident",
    "stream_restart", "stream_loss", "rollout",
)  # fmt: skip


@pytest.fixture(scope="session")
def house(database: Settings) -> Settings:
    """Settings of that database, and of a state folder of its own."""
    changes = {
        "postgres_database": "house_test",
        "airflow_database": "house_test_airflow",
        "state_dir": database.state_dir / "house",
    }
    own = database.model_copy(update=changes)
    prepare_databases(own)
    return own


@pytest.fixture
def rows(house: Settings) -> Iterator[psycopg.Connection]:
    """A connection in autocommit; the tables are empty before and after."""
    with connect(house, autocommit=True) as opened:
        opened.execute(f"TRUNCATE {', '.join(EMPTIED)}")
        yield opened
        opened.execute(f"TRUNCATE {', '.join(EMPTIED)}")
