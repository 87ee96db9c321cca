"""Tables without cards; what the tests add goes at the end."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from include.curation.service import CurationService
from include.infra.postgres.connection import connect
from include.settings import Settings
from tests.support.curation.cleared import clear


@pytest.fixture
def cleared(database: Settings) -> Iterator[psycopg.Connection]:
    """A connection of the administrator to a database without posts, cards and decisions."""
    with connect(database, autocommit=True) as connection:
        clear(connection)
        yield connection
        clear(connection)


@pytest.fixture
def service(cleared: psycopg.Connection, database: Settings) -> Iterator[CurationService]:
    """What the page asks, as its own role."""
    made = CurationService(database.as_role("dashboard"))
    yield made
    made.close()
