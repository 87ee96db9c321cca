"""Connections to the database of posts, labels and results."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import make_conninfo

from include.settings import Settings, get_settings


def conninfo(settings: Settings | None = None) -> str:
    """The libpq connection string of the main database."""
    settings = settings or get_settings()
    return make_conninfo(
        host=settings.postgres_host,
        port=settings.postgres_port,
        user=settings.database_user,
        password=settings.database_password.get_secret_value(),
        dbname=settings.postgres_database,
        connect_timeout=10,
    )


def connect(settings: Settings | None = None, *, autocommit: bool = False) -> psycopg.Connection:
    """Open a connection; as a context manager it commits at the end, or rolls back on an error.

    Raises:
        psycopg.OperationalError: the server does not answer; the message names host and port.
    """
    return psycopg.connect(conninfo(settings), autocommit=autocommit)


def jdbc_url(settings: Settings | None = None) -> str:
    """The JDBC address of the main database, without credentials."""
    settings = settings or get_settings()
    return f"jdbc:postgresql://{settings.postgres_host}:{settings.postgres_port}/{settings.postgres_database}"
