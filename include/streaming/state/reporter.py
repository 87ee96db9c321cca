"""Writing the stream's progress down, without ever standing in its way."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event
from typing import Any

import psycopg

from include.infra.kafka.admin import Broker, BrokerUnavailable
from include.infra.kafka.offsets import Positions, behind, total
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.state.commits import committed_positions
from include.streaming.state.progress import Progress, from_spark
from include.streaming.workload import Workload

log = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
"""A row is written at least this often, so that silence means that the stream is dead."""

KAFKA_TIMEOUT = 2.0


class Reporter:
    """Writes rows of ``stream_progress``. A database that does not answer costs rows, nothing else.

    Args:
        reports: Spark's progress of each batch, as JSON.
        ended: set once all is reported about a query that ended.
    """

    def __init__(
        self, settings: Settings, workload: Workload, reports: SimpleQueue[str], ended: Event
    ) -> None:
        self._settings = settings
        self._workload = workload
        self._reports = reports
        self._ended = ended
        self._broker = Broker(settings, timeout=KAFKA_TIMEOUT)
        self._connection: psycopg.Connection | None = None
        self._last = Progress(workload.name, "", "", -1)
        self._written = float("-inf")

    def started(self, query_id: str, run_id: str) -> None:
        """Rows from now on are about this query."""
        self._last = Progress(self._workload.name, query_id, run_id, self._last.batch_id, status="starting")

    def finish(self, details: Callable[[], dict[str, Any]]) -> None:
        """Write what Spark still has to say about a query that ended."""
        self._ended.wait(2)
        self.report(details)

    def report(self, details: Callable[[], dict[str, Any]]) -> None:
        """Write the batches reported since the last call."""
        while not self._reports.empty():
            progress = from_spark(self._workload.name, self._reports.get(), details())
            self._last = progress
            self._write(progress)

    def beat(self, status: str) -> None:
        """Write a row without posts, where none was written lately or the status is another one."""
        if status == self._last.status and time.monotonic() - self._written < BEAT_SECONDS:
            return
        lag = self._lag()
        last = self._last
        self._last = Progress(
            last.workload, last.query_id, last.run_id, last.batch_id, status=status,
            lag=None if lag is None else total(lag),
            details={"model_version": last.details.get("model_version"), "lag": lag},
        )  # fmt: skip
        self._write(self._last)

    def _lag(self) -> Positions | None:
        topics = self._workload.topics(self._settings)
        try:
            with connect(self._settings) as connection:
                committed = committed_positions(connection, self._workload.name)
            return behind(committed, self._broker.highs(topics))
        except (psycopg.Error, BrokerUnavailable):
            return None

    def _write(self, progress: Progress) -> None:
        self._written = time.monotonic()
        try:
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._settings, autocommit=True)
            progress.write(self._connection)
        except psycopg.Error as problem:
            log.warning("progress could not be written: %s", str(problem).strip())
            if self._connection:
                self._connection.close()
