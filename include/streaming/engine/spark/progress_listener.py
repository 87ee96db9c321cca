"""Spark's progress reports, handed over without delay to whoever writes them down."""

from __future__ import annotations

import queue
import threading

from pyspark.sql.streaming.listener import (
    QueryIdleEvent,
    QueryProgressEvent,
    QueryStartedEvent,
    QueryTerminatedEvent,
    StreamingQueryListener,
)


class ProgressListener(StreamingQueryListener):
    """Puts each batch's progress, as JSON, into ``reports``; never blocks, never raises.

    ``ended`` is set once Spark has reported everything about a query that ended.
    """

    def __init__(self) -> None:
        self.reports: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.ended = threading.Event()

    def onQueryProgress(self, event: QueryProgressEvent) -> None:
        self.reports.put(event.progress.json)

    def onQueryStarted(self, event: QueryStartedEvent) -> None:
        self.ended.clear()

    def onQueryIdle(self, event: QueryIdleEvent) -> None:
        """The heartbeat covers it."""

    def onQueryTerminated(self, event: QueryTerminatedEvent) -> None:
        self.ended.set()
