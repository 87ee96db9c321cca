"""The one connection that a process keeps from batch to batch.

Opening one costs the server a process and both sides a few thousand rounds of SHA-256: more than all
the rest of a small batch.
"""

from __future__ import annotations

import psycopg

from include.database import connect, conninfo
from include.settings import Settings

_kept: dict[str, psycopg.Connection] = {}


def kept_connection(settings: Settings) -> psycopg.Connection:
    """This process's connection, in autocommit; one that died, as with a restart of the server, is
    replaced. For one thread at a time.

    Raises:
        psycopg.OperationalError: the server does not answer.
    """
    key = conninfo(settings)
    kept = _kept.get(key)
    if kept is not None and not kept.closed:
        try:
            kept.execute("SELECT")
            return kept
        except psycopg.OperationalError:
            kept.close()
    _kept[key] = connect(settings, autocommit=True)
    return _kept[key]
