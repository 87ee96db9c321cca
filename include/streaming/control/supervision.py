"""Watching over the stream for as long as it is wanted: a dead one is started again, within a budget.

One look is quick and keeps nothing in memory, so that whoever looks may be replaced between two looks:
the running stream is not theirs. What is wanted, who watches and what was restarted is in Postgres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import psycopg

from include.infra.errors import StackError
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.control import launcher
from include.streaming.state.desired_state import is_wanted, leave, watch

RESTARTS_PER_HOUR = 5
"""What dies oftener needs a person."""

HUNG_SECONDS = 180
"""A program that runs and has not said a word for so long, not even that it waits, is started anew."""

_SILENT = """
SELECT extract(epoch FROM now() - greatest(
    (SELECT created_at FROM stream_progress WHERE workload = %(workload)s ORDER BY id DESC LIMIT 1),
    (SELECT changed_at FROM stream_wanted WHERE workload = %(workload)s),
    (SELECT max(at) FROM stream_restart WHERE workload = %(workload)s)))::float8
"""
_RESTARTS = """
SELECT count(*) FROM stream_restart WHERE workload = %s AND at > now() - interval '1 hour'
"""

State = Literal["runs", "restarted", "unknown", "drained", "watched by another", "given up"]


@dataclass(frozen=True)
class Look:
    """What one look came to; ``over`` where there is nothing left to watch."""

    state: State
    says: str = ""

    @property
    def over(self) -> bool:
        return self.state in ("drained", "watched by another", "given up")


def look(settings: Settings, workload: str, watcher: str) -> Look:
    """See that the workload runs where it is wanted; start it where it does not.

    Outages of the database and of the process manager are waited out: 'unknown'.
    """
    try:
        with connect(settings, autocommit=True) as connection:
            found = _look(connection, settings, workload, watcher)
            if found.over:
                leave(connection, workload, watcher)
            return found
    except (psycopg.OperationalError, StackError) as problem:
        return Look("unknown", str(problem).strip())


def _look(connection: psycopg.Connection, settings: Settings, workload: str, watcher: str) -> Look:
    if not is_wanted(connection, workload):
        return Look("drained", f"{workload} is not to run any more")
    if not watch(connection, workload, watcher):
        return Look("watched by another", f"another run watches {workload}")
    where = launcher.launcher(settings)
    trouble = _trouble(connection, where, workload)
    if trouble is None:
        return Look("runs")
    row = connection.execute(_RESTARTS, [workload]).fetchone()
    if row and row[0] >= RESTARTS_PER_HOUR:
        return Look(
            "given up",
            f"{trouble}, and was started again {row[0]} times within an hour: see "
            f"{where.log_file(launcher.STREAM)}, then run stream_classifier with action ensure",
        )
    connection.execute("INSERT INTO stream_restart (workload, reason) VALUES (%s, %s)", [workload, trouble])
    where.stop(launcher.STREAM)
    where.start(launcher.STREAM)
    return Look("restarted", trouble)


def _trouble(connection: psycopg.Connection, where: launcher.Launcher, workload: str) -> str | None:
    """Why the stream has to be started again; None where it runs."""
    if not where.is_active(launcher.STREAM):
        return "the stream ended"
    row = connection.execute(_SILENT, {"workload": workload}).fetchone()
    if row and row[0] is not None and row[0] > HUNG_SECONDS:
        return f"the stream runs and has said nothing for more than {HUNG_SECONDS} s"
    return None
