"""Starting, watching and draining the streaming classifier from outside, as the DAGs do.

Nothing here holds the stream: it is a program of its own and outlives whoever started it. Where it
runs is a :class:`Launcher`'s business; the embedded stack's is its process manager.
"""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg

from include.errors import UserError
from include.infra.postgres.connection import connect
from include.infra.processes import supervisor
from include.infra.processes.service import log_tail
from include.settings import Settings

STREAM = "stream"

POLL_SECONDS = 0.5

_COMMITTED = """
SELECT 'committed' AS status, batch_id, posts, dead_letters, committed_at AS at FROM stream_commit
WHERE workload = %(workload)s AND batch_id >= 0 AND committed_at > %(since)s ORDER BY id DESC LIMIT 1
"""
_REPORTED = """
SELECT status, batch_id, posts, lag, created_at AS at FROM stream_progress
WHERE workload = %(workload)s AND created_at > %(since)s ORDER BY id DESC LIMIT 1
"""


class StreamDown(UserError):
    """The stream ended, or makes no progress; the message names its log."""


class Launcher(Protocol):
    """Where long-running programs run. A state is one of supervisor's words, such as RUNNING."""

    def start(self, program: str) -> None: ...

    def stop(self, program: str) -> None: ...

    def is_active(self, program: str) -> bool: ...

    def log_file(self, program: str) -> Path: ...


class SupervisorLauncher:
    """Programs of the embedded stack's process manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def start(self, program: str) -> None:
        supervisor.start(program, self._settings)

    def stop(self, program: str) -> None:
        supervisor.stop(program, self._settings)

    def is_active(self, program: str) -> bool:
        return supervisor.state(program, self._settings).active

    def log_file(self, program: str) -> Path:
        return self._settings.logs_dir / f"{program}.log"


def launcher(settings: Settings) -> Launcher:
    """The launcher of these settings."""
    return SupervisorLauncher(settings)


def ensure(settings: Settings) -> str:
    """See that the stream runs; one that runs already is left alone.

    Returns:
        'started' or 'already running'.

    Raises:
        StackError: the local stack is down.
    """
    where = launcher(settings)
    if where.is_active(STREAM):
        return "already running"
    where.start(STREAM)
    return "started"


def drain(settings: Settings) -> None:
    """Let the stream end its batch and stop; returns when it is gone. Harmless where it does not run."""
    launcher(settings).stop(STREAM)


def wait_for_progress(
    settings: Settings, timeout: float, since: datetime, workload: str = "ai_tweets"
) -> dict[str, Any]:
    """Wait for a batch committed after ``since`` (aware), or for word that nothing is left to do.

    Returns:
        ``status`` ('committed', or 'running' with ``lag`` 0), ``batch_id``, ``posts``, ``at``.

    Raises:
        StreamDown: the stream ended meanwhile, or ``timeout`` seconds passed; says what it last
            reported and names its log.
    """
    deadline = time.monotonic() + timeout
    where = launcher(settings)
    while True:
        progress, last = _look(settings, workload, since)
        if progress:
            return progress
        if not where.is_active(STREAM):
            raise StreamDown(f"the stream ended; {_log(where)}")
        if time.monotonic() > deadline:
            raise StreamDown(
                f"no progress of the stream within {timeout:.0f} s, it said: {last}; {_log(where)}"
            )
        time.sleep(POLL_SECONDS)


def _look(settings: Settings, workload: str, since: datetime) -> tuple[dict[str, Any] | None, str]:
    values = {"workload": workload, "since": since}
    with connect(settings) as connection:
        cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
        if committed := cursor.execute(_COMMITTED, values).fetchone():
            return committed, "committed"
        reported = cursor.execute(_REPORTED, values).fetchone()
    if reported is None:
        return None, "nothing yet"
    done = reported["status"] == "running" and reported["lag"] == 0
    return (reported if done else None), f"{reported['status']}, {reported['lag']} posts behind"


def _log(where: Launcher) -> str:
    log = where.log_file(STREAM)
    return f"its log {log} ends:\n{log_tail(log)}"
