"""The one connection that a thread keeps from batch to batch.

Opening one costs the server a process and both sides a few thousand rounds of SHA-256: more than all
the rest of a small batch.
"""

from __future__ import annotations

import threading

import psycopg

from include.infra.postgres.connection import conninfo
from include.settings import Settings


class _Kept(threading.local):
    """Connections of this thread; closed when it ends."""

    def __init__(self) -> None:
        self.by_server: dict[str, psycopg.Connection] = {}


_kept = _Kept()


def kept_connection(settings: Settings) -> psycopg.Connection:
    """This thread's connection to the main database; see :func:`kept_connection_to`."""
    return kept_connection_to(conninfo(settings))


def kept_connection_to(server: str) -> psycopg.Connection:
    """This thread's connection, in autocommit; one that died, as with a restart of the server, is replaced.

    Args:
        server: a libpq connection string.

    Raises:
        psycopg.OperationalError: the server does not answer.
    """
    kept = _kept.by_server.get(server)
    if kept is not None and not kept.closed:
        try:
            kept.execute("SELECT")
            return kept
        except psycopg.OperationalError:
            kept.close()
    _kept.by_server[server] = psycopg.connect(server, autocommit=True)
    return _kept.by_server[server]
