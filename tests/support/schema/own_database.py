"""A database for one test beside the session's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from include.database_settings import ADMINISTRATOR
from include.infra.postgres.connection import connect
from include.settings import Settings


@contextmanager
def own_database(settings: Settings, name: str) -> Iterator[Settings]:
    """Settings of a new, empty database there, as the administrator; dropped at the end."""
    settings = settings.as_role(ADMINISTRATOR)
    own = settings.model_copy(update={"postgres_database": name})
    with connect(settings, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield own
    finally:
        with connect(settings, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
