"""Waiting until a stream that was started makes progress."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

import psycopg
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed

from include.errors import UserError
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.control import launcher

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
    """A stream ended, or makes no progress; the message names the workload and its log."""


def wait_for_progress(settings: Settings, workload: str, timeout: float, since: datetime) -> dict[str, Any]:
    """Wait for a batch committed after ``since`` (aware), or for the report that nothing is left to do.

    Returns:
        ``status`` ('committed', or 'running' with ``lag`` 0), ``batch_id``, ``posts``, ``at``.

    Raises:
        StreamDown: the stream ended meanwhile, or ``timeout`` seconds passed; with what it last reported.
    """
    wait = _Wait(settings, workload, timeout, since)
    progress = Retrying(
        retry=retry_if_result(lambda progress: progress is None),
        stop=stop_after_delay(timeout),
        wait=wait_fixed(POLL_SECONDS),
        retry_error_callback=wait.give_up,
    )(wait.progress)
    assert progress is not None
    return progress


@dataclass
class _Wait:
    settings: Settings
    workload: str
    timeout: float
    since: datetime
    last_report: str = field(default="nothing yet", init=False)

    def progress(self) -> dict[str, Any] | None:
        """The progress since then, None as long as there is none."""
        if progress := self._read():
            return progress
        programs = launcher.launcher(self.settings)
        if not programs.is_active(launcher.stream_program(self.workload)):
            excerpt = launcher.log_excerpt(programs, self.workload)
            raise StreamDown(f"the stream of {self.workload} ended; {excerpt}")
        return None

    def give_up(self, _: RetryCallState) -> NoReturn:
        excerpt = launcher.log_excerpt(launcher.launcher(self.settings), self.workload)
        raise StreamDown(
            f"the stream of {self.workload} made no progress within {self.timeout:.0f} s, it reported: "
            f"{self.last_report}; {excerpt}"
        )

    def _read(self) -> dict[str, Any] | None:
        values = {"workload": self.workload, "since": self.since}
        with connect(self.settings) as connection:
            cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
            if committed := cursor.execute(_COMMITTED, values).fetchone():
                return committed
            reported = cursor.execute(_REPORTED, values).fetchone()
        if reported is None:
            return None
        self.last_report = f"{reported['status']}, {reported['lag']} messages behind"
        return reported if reported["status"] == "running" and reported["lag"] == 0 else None
