"""Watching over a stream for as long as it is wanted: a dead one is started again, within a budget.

One check is quick and keeps nothing in memory, so that whoever watches may be replaced between two checks:
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
"""A stream that dies more often needs a person."""

HUNG_SECONDS = 180
"""A stream whose process lives but that has written no progress row for this long is restarted."""

_SILENT = """
SELECT extract(epoch FROM now() - greatest(
    (SELECT created_at FROM stream_progress WHERE workload = %(workload)s ORDER BY id DESC LIMIT 1),
    (SELECT changed_at FROM stream_wanted WHERE workload = %(workload)s),
    (SELECT max(at) FROM stream_restart WHERE workload = %(workload)s)))::float8
"""
_RESTARTS = """
SELECT count(*) FROM stream_restart WHERE workload = %s AND at > now() - interval '1 hour'
"""

State = Literal["running", "restarted", "unknown", "drained", "watched by another", "given up"]


@dataclass(frozen=True)
class StreamCheck:
    """The result of one check; ``reason`` is for people."""

    state: State
    reason: str = ""

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to watch."""
        return self.state in ("drained", "watched by another", "given up")


def check_stream(settings: Settings, workload: str, watcher: str) -> StreamCheck:
    """Start the workload's stream again where it is wanted and does not run.

    Outages of the database and of the process manager are waited out: 'unknown'.
    """
    try:
        with connect(settings, autocommit=True) as connection:
            result = _check(connection, settings, workload, watcher)
            if result.finished:
                leave(connection, workload, watcher)
            return result
    except (psycopg.OperationalError, StackError) as problem:
        return StreamCheck("unknown", str(problem).strip())


def _check(connection: psycopg.Connection, settings: Settings, workload: str, watcher: str) -> StreamCheck:
    if not is_wanted(connection, workload):
        return StreamCheck("drained", f"workload {workload} was drained")
    if not watch(connection, workload, watcher):
        return StreamCheck("watched by another", f"another run watches workload {workload}")
    programs = launcher.launcher(settings)
    problem = _problem(connection, programs, workload)
    if problem is None:
        return StreamCheck("running")
    row = connection.execute(_RESTARTS, [workload]).fetchone()
    if row and row[0] >= RESTARTS_PER_HOUR:
        return StreamCheck(
            "given up",
            f"{problem}, and was started again {row[0]} times within an hour: see "
            f"{programs.log_file(launcher.stream_program(workload))}, then run stream_classifier with "
            f"action ensure and workload {workload}",
        )
    _restart(connection, programs, workload, problem)
    return StreamCheck("restarted", problem)


def _restart(
    connection: psycopg.Connection, programs: launcher.Launcher, workload: str, problem: str
) -> None:
    connection.execute("INSERT INTO stream_restart (workload, reason) VALUES (%s, %s)", [workload, problem])
    programs.stop(launcher.stream_program(workload))
    programs.start(launcher.stream_program(workload))


def _problem(connection: psycopg.Connection, programs: launcher.Launcher, workload: str) -> str | None:
    """Why the stream has to be started again; None where it runs."""
    if not programs.is_active(launcher.stream_program(workload)):
        return f"the stream of {workload} ended"
    row = connection.execute(_SILENT, {"workload": workload}).fetchone()
    if row and row[0] is not None and row[0] > HUNG_SECONDS:
        return f"the stream of {workload} runs and has reported nothing for more than {HUNG_SECONDS} s"
    return None
