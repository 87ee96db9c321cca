"""A page server for each file of tests of the tagger in a browser, and a dataset version for each test."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from include.infra.postgres.connection import connect
from include.settings import Settings
from tests.support.datasets.version_of_posts import build, drop
from tests.support.tagger_page import App, running

VERSION = 950_001
POSTS = 130


@pytest.fixture(scope="module")
def app(database: Settings) -> Iterator[App]:
    with running(database) as started:
        yield started


@pytest.fixture
def version(database: Settings) -> Iterator[psycopg.Connection]:
    """The newest version, with test posts on AI."""
    with (
        connect(database.as_role("tasks"), autocommit=True) as builder,  # whose tables the page may read
        connect(database, autocommit=True) as connection,
    ):
        tag = uuid4().hex
        texts = [f"post {place} on AI {tag}" for place in range(POSTS)]
        build(builder, VERSION, {"test": texts}, keywords=["AI"])
        connection.execute("DELETE FROM labelling_lease")
        yield connection
        drop(builder, VERSION)
