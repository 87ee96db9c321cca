"""The table ``stream_wanted``: which workloads are to run, with which scorer, and who watches over that."""

from __future__ import annotations

import psycopg

WATCH_SECONDS = 60
"""A watcher that has not looked for so long is replaced by the next."""

_WATCH = """
UPDATE stream_wanted SET watched_by = %(watcher)s, watched_at = now()
WHERE workload = %(workload)s AND (watched_by IS NULL OR watched_by = %(watcher)s
    OR watched_at < now() - make_interval(secs => %(seconds)s))
"""


def want(connection: psycopg.Connection, workload: str, *, running: bool) -> None:
    """The workload is to run from now on, or is not."""
    connection.execute(
        "INSERT INTO stream_wanted (workload, running, changed_at) VALUES (%s, %s, now())"
        " ON CONFLICT (workload) DO UPDATE SET running = EXCLUDED.running, changed_at = now()",
        [workload, running],
    )


def choose_scorer(connection: psycopg.Connection, workload: str, scorer: str | None) -> bool:
    """Have the workload use this scorer from its next start on; None: the one of the settings.

    Returns:
        Whether that differs from the choice before, where there was one.
    """
    row = connection.execute(
        "SELECT scorer FROM stream_wanted WHERE workload = %s FOR UPDATE", [workload]
    ).fetchone()
    connection.execute(
        "INSERT INTO stream_wanted (workload, running, scorer) VALUES (%s, false, %s)"
        " ON CONFLICT (workload) DO UPDATE SET scorer = EXCLUDED.scorer",
        [workload, scorer],
    )
    return row is not None and row[0] != scorer


def chosen_scorer(connection: psycopg.Connection, workload: str) -> str | None:
    """The scorer that was chosen for the workload; None: the one of the settings."""
    row = connection.execute("SELECT scorer FROM stream_wanted WHERE workload = %s", [workload]).fetchone()
    return row[0] if row else None


def is_wanted(connection: psycopg.Connection, workload: str) -> bool:
    """Whether it is to run."""
    row = connection.execute("SELECT running FROM stream_wanted WHERE workload = %s", [workload]).fetchone()
    return bool(row and row[0])


def watch(connection: psycopg.Connection, workload: str, watcher: str) -> bool:
    """Whether this watcher is the one that looks after the workload: the first, while it goes on looking."""
    values = {"workload": workload, "watcher": watcher, "seconds": WATCH_SECONDS}
    return bool(connection.execute(_WATCH, values).rowcount)


def leave(connection: psycopg.Connection, workload: str, watcher: str) -> None:
    """The watcher looks no more."""
    connection.execute(
        "UPDATE stream_wanted SET watched_by = NULL, watched_at = NULL"
        " WHERE workload = %s AND watched_by = %s",
        [workload, watcher],
    )
