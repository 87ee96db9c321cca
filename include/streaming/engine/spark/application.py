"""The streaming application: starts the query, starts it again after a failure, drains it.

One mechanism covers every failure: the query ends, the loop waits until broker, database and model
answer, and starts it again from the committed positions, which processes the unfinished batch again. What
keeps failing while all of them answer, with a new checkpoint too, ends the application, for its supervisor
and for a person to see.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from include.errors import UserError
from include.infra.kafka.admin import BrokerUnavailable
from include.settings import Settings
from include.streaming.engine.batch import BatchRunner
from include.streaming.engine.batch_lock import BatchLock
from include.streaming.engine.committer import Committer
from include.streaming.engine.readiness import Readiness, Start, Starting, Stopped
from include.streaming.engine.spark.progress_listener import ProgressListener
from include.streaming.engine.spark.query import SparkBatches, read_messages, start_query
from include.streaming.engine.spark.warmup import Warmup
from include.streaming.sinks.factory import make_sink
from include.streaming.state import checkpoint
from include.streaming.state.lease import Lease, LeaseLost
from include.streaming.state.reporter import Reporter
from include.streaming.workload import Workload

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming import StreamingQuery

log = logging.getLogger(__name__)

MAX_FAILURES = 5
"""Failures of the query in a row, without a committed batch between them and with everything up."""

DISTRUST_AFTER = 2
"""So many of them, and the checkpoint is put aside: it may be damaged in a way that only Spark notices."""

DRAIN_SECONDS = 20.0
"""How long the batch at work may take to end after a request to stop."""

COMMIT_SECONDS = 5.0
"""How long the commit of that batch may take after it."""

STALLED_SECONDS = 15.0
"""The heartbeat mentions a batch that is at work for longer."""


class StreamFailed(Exception):
    """The query fails again and again while broker, database and model answer."""


@dataclass
class Application:
    """One run of a workload.

    Attributes:
        scorer: name of the scorer to use, where the workload declares no traffic shares; empty where the
            workload has none.
        stop: set by whoever wants it to drain.
        starting: where a workload begins that has never committed anything.
        available_now: end when what is in the topics now is done.
    """

    spark: SparkSession
    settings: Settings
    workload: Workload
    scorer: str
    lease: Lease
    stop: threading.Event
    starting: Starting = "earliest"
    available_now: bool = False

    def __post_init__(self) -> None:
        listener = ProgressListener()
        self.spark.streams.addListener(listener)
        self._reporter = Reporter(self.settings, self.workload, listener.reports, listener.ended)
        self._warmup = Warmup(self.spark, self.workload, self.scorer, self.settings)
        self._sink = make_sink(self.workload, self.settings, self.lease)

    def run(self) -> None:
        """Process messages until told to stop, or until the topics' present end.

        Raises:
            LeaseLost: another copy has taken over.
            StreamFailed: see MAX_FAILURES.
            LostPositions: a topic was deleted and created again.
            UserError: the workload's declaration or its settings are wrong.
        """
        readiness = Readiness(
            self.settings, self.workload, self.scorer, self.lease, self._reporter, self.stop, self.starting
        )
        failures = 0
        while not self.stop.is_set():
            try:
                start = readiness.await_all()
            except Stopped:
                return
            problem, moved = self._attempt(start)
            if problem is None:
                return
            if isinstance(problem, UserError):
                raise problem
            failures = 1 if moved else failures + 1
            if failures >= MAX_FAILURES:
                raise StreamFailed(f"the query failed {failures} times in a row: {problem}") from problem
            log.warning("the query ended and is started again: %s", problem)
            if failures == DISTRUST_AFTER:
                self._distrust_checkpoint(problem)
            self.stop.wait(min(10.0, 0.5 * 2**failures))

    def _attempt(self, start: Start) -> tuple[BaseException | None, bool]:
        """One life of the query: what ended it, and whether it committed anything."""
        runner = BatchRunner(self.workload, self.settings, self._sink, BatchLock(), start.topic_ids)
        problem: BaseException | None = None
        try:
            self._sink.start()
            self._reporter.beat("warming up")
            self._warmup.begin()
            self._warmup.wait(self.stop)
            messages = read_messages(self.spark, self.workload, self.settings, start.positions)
            batches = SparkBatches(runner, self.scorer)
            query = start_query(messages, batches, available_now=self.available_now)
            problem = self._watch(query, runner)
        except (PySparkException, Py4JJavaError, psycopg.OperationalError, BrokerUnavailable) as ended:
            problem = ended
        finally:
            uncommitted = self._settle(runner.committer)
        if self.lease.lost.is_set():
            raise LeaseLost(f"another copy has taken over workload {self.workload.name}")
        return uncommitted or problem, bool(runner.committed)

    def _distrust_checkpoint(self, problem: BaseException) -> None:
        first_line = str(problem).strip().partition("\n")[0]
        checkpoint.put_aside(
            self.workload.checkpoint_dir(self.settings),
            f"the query failed {DISTRUST_AFTER} times in a row from it ({first_line})",
        )

    def _settle(self, committer: Committer) -> BaseException | None:
        """Wait for the commit under way, for a while only where told to stop; what stopped it."""
        committer.close()
        while not committer.settled(0.25) and not self.stop.is_set():
            pass
        if committer.settled(COMMIT_SECONDS):
            return committer.problem()
        return TimeoutError(f"the last batch's commit takes longer than {COMMIT_SECONDS:.0f} s")

    def _watch(self, query: StreamingQuery, runner: BatchRunner) -> Exception | None:
        log.info("query %s of workload %s runs", query.id, self.workload.name)
        self._reporter.started(query.id, query.runId)
        while query.isActive:
            if self.stop.wait(0.25):
                self._drain(query, runner)
                return None
            if self.lease.lost.is_set() or runner.committer.problem():
                query.stop()
            self._report(runner)
            self._warmup.keep(runner.ended)
        self._reporter.finish(runner.details)
        return query.exception()

    def _report(self, runner: BatchRunner) -> None:
        self._reporter.report(runner.details)
        busy = runner.lock.busy_seconds()
        self._reporter.beat(
            "running" if busy < STALLED_SECONDS else f"in one batch for {busy // 15 * 15:.0f} s"
        )

    def _drain(self, query: StreamingQuery, runner: BatchRunner) -> None:
        log.info("draining: the batch at work may end, then the query stops")
        if not runner.lock.close(DRAIN_SECONDS):
            log.warning("the batch did not end within %.0f s; it will be processed again", DRAIN_SECONDS)
        self.spark.conf.set("spark.sql.streaming.stopTimeout", "5s")
        try:
            query.stop()
        except (PySparkException, Py4JJavaError) as problem:
            log.warning("the query did not stop cleanly: %s", problem)
        self._reporter.finish(runner.details)
