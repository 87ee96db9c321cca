"""The connections that all sessions of a page's server share."""

from __future__ import annotations

from psycopg_pool import ConnectionPool

from include.infra.postgres.connection import conninfo
from include.settings import Settings

MOST_CONNECTIONS = 8
TIMEOUT_SECONDS = 5.0
"""How long a session waits for a connection, and so for a database that does not answer."""


def page_pool(settings: Settings) -> ConnectionPool:
    """An open pool in autocommit, whose connections are checked before they are handed out."""
    return ConnectionPool(
        conninfo(settings),
        kwargs={"autocommit": True},
        min_size=0,
        max_size=MOST_CONNECTIONS,
        timeout=TIMEOUT_SECONDS,
        check=ConnectionPool.check_connection,
        open=True,
    )
