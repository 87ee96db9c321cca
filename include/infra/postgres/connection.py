"""Connections to the database of posts, labels and results."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import make_conninfo

from include.infra.postgres.tls import explained, jdbc_options, libpq_options
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
        **libpq_options(settings),
    )


def connect(settings: Settings | None = None, *, autocommit: bool = False) -> psycopg.Connection:
    """Open a connection; as a context manager it commits at the end, or rolls back on an error.

    Raises:
        psycopg.OperationalError: the server does not answer; the message names host and port.
        DatabaseRefuses: it does, and TLS fails; the message names the settings.
    """
    settings = settings or get_settings()
    try:
        return psycopg.connect(conninfo(settings), autocommit=autocommit)
    except psycopg.OperationalError as problem:
        raise explained(problem, settings) from problem


def jdbc_url(settings: Settings | None = None) -> str:
    """The JDBC address of the main database, without credentials."""
    settings = settings or get_settings()
    server = f"{settings.postgres_host}:{settings.postgres_port}"
    return f"jdbc:postgresql://{server}/{settings.postgres_database}{query(jdbc_options(settings))}"


def query(options: Mapping[str, str]) -> str:
    """Options at the end of an address.

    >>> query({"sslmode": "verify-full", "sslrootcert": "/a b.pem"}), query({})
    ('?sslmode=verify-full&sslrootcert=%2Fa%20b.pem', '')
    """
    return f"?{urlencode(options, quote_via=quote, safe='')}" if options else ""
