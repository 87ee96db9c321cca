"""The database as the tagger sees it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from include.infra.postgres.connection import connect
from include.labelling import review_queues
from include.settings import Settings
from tests.support.annotators import VERSION
from tests.support.datasets.version_of_posts import build, drop


@pytest.fixture
def task(database: Settings) -> Iterator[psycopg.Connection]:
    """A connection as a DAG's task has it, in autocommit."""
    with connect(database.as_role("tasks"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def tagger(database: Settings, task: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A connection as the tagger has it, over a version of ten test posts and two train posts."""
    tag = uuid4().hex
    with connect(database.as_role("tagger"), autocommit=True) as connection:
        texts = {
            "test": [f"test post {place} {tag}" for place in range(10)],
            "train": [f"doubtful {tag}", f"sure {tag}"],
        }
        build(task, VERSION, texts)
        connection.execute("DELETE FROM labelling_lease")
        review_queues.clear(task, VERSION)
        yield connection
        drop(task, VERSION)
