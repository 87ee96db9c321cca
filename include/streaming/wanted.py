"""The table ``stream_wanted``: which workloads are to run, for those who watch and restart them."""

from __future__ import annotations

import psycopg


def want(connection: psycopg.Connection, workload: str, *, running: bool) -> None:
    """The workload is to run from now on, or is not."""
    connection.execute(
        "INSERT INTO stream_wanted (workload, running, changed_at) VALUES (%s, %s, now())"
        " ON CONFLICT (workload) DO UPDATE SET running = EXCLUDED.running, changed_at = now()",
        [workload, running],
    )


def is_wanted(connection: psycopg.Connection, workload: str) -> bool:
    """Whether it is to run."""
    row = connection.execute("SELECT running FROM stream_wanted WHERE workload = %s", [workload]).fetchone()
    return bool(row and row[0])
