"""What has to answer before a query starts, and where in Kafka it starts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import psycopg

from include.errors import UserError
from include.infra.kafka.admin import Broker, BrokerUnavailable
from include.infra.kafka.offsets import Positions, lost, refuse_recreated, resume
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.backoff import Patience
from include.streaming.scorers.factory import make_scorer, scorers_of
from include.streaming.scorers.plan import current_plan
from include.streaming.state import checkpoint, commits, losses
from include.streaming.state.commits import Reached, TopicIds
from include.streaming.state.lease import Lease, LeaseLost
from include.streaming.state.reporter import Reporter
from include.streaming.workload import Workload

log = logging.getLogger(__name__)

Starting = Literal["earliest", "latest"]
Answer = TypeVar("Answer")

UNANSWERED = (psycopg.OperationalError, BrokerUnavailable)
"""Outages to wait out. Anything else is a mistake to be shown."""


class Stopped(Exception):
    """A request to stop arrived while waiting."""


@dataclass(frozen=True)
class Start:
    """Where a query starts, in which topics (by Kafka's ids)."""

    positions: Positions
    topic_ids: TopicIds


@dataclass
class Readiness:
    """Waits for database, broker and model, telling the log and the heartbeat what it waits for."""

    settings: Settings
    workload: Workload
    scorer: str
    lease: Lease
    reporter: Reporter
    stop: threading.Event
    starting: Starting

    def await_all(self) -> Start:
        """Where the query starts, once everything answers.

        Raises:
            Stopped: told to stop.
            LeaseLost: another copy has taken over.
            LostPositions: a topic was deleted and created again.
        """
        start = self._until_answered(self._start)
        if self.workload.scorers:
            self._await_model()
        elif self.workload.transform:
            self._await_ready(self.workload.transform.ready)
        return start

    def _await_ready(self, asked: Callable[[Settings], str | None]) -> None:
        patience = Patience("a model in service", self._sleep, longest=2)
        while why := asked(self.settings):
            self.reporter.beat("waiting for a model in service")
            patience.wait(why)

    def _await_model(self) -> None:
        plan = self._until_answered(lambda: current_plan(self.workload, self.settings, self.scorer))
        scorers = scorers_of(self.workload, plan, self.settings, make_scorer)
        patience = Patience("a model in service", self._sleep, longest=2)
        while why := scorers.ready():
            self.reporter.beat("waiting for a model in service")
            patience.wait(why)

    def _until_answered(self, ask: Callable[[], Answer]) -> Answer:
        patience = Patience("database and broker", self._sleep, longest=5)
        while True:
            try:
                return ask()
            except UserError:  # an answer, which waiting does not change
                raise
            except UNANSWERED as problem:
                what = "the broker" if isinstance(problem, BrokerUnavailable) else "the database"
                self.reporter.beat(f"waiting for {what}")
                patience.wait(problem)

    def _start(self) -> Start:
        """The committed positions, checked against the topics; for a first start, where they begin.

        What retention has deleted unread is written down as lost, and the committed positions move past it,
        in one transaction: it is counted once, however often the start is tried.
        """
        broker, topics = Broker(self.settings), self.workload.topics(self.settings)
        broker.create_missing(topics)
        ids, lows, highs = broker.topic_ids(topics), broker.lows(topics), broker.highs(topics)
        with connect(self.settings) as connection:
            self.lease.fence(connection)
            before = commits.reached(connection, self.workload.name)
            if not before.positions:
                before = Reached(highs if self.starting == "latest" else lows, ids)
                commits.write_commit(connection, self.workload.name, "start", -1, before)
            refuse_recreated(before.topic_ids, ids)
            commits.learn_topic_ids(connection, self.workload.name, ids)
            start = resume(before.positions, lows, highs)
            losses.pass_over(
                connection, self.workload.name, lost(before.positions, start), Reached(start, ids)
            )
            self._reconcile_checkpoint(connection, start, lows)
        return Start(start, ids)

    def _reconcile_checkpoint(
        self, connection: psycopg.Connection, start: Positions, lows: Positions
    ) -> None:
        name = self.workload.name
        checkpoint.reconcile(
            self.workload.checkpoint_dir(self.settings),
            start,
            lows,
            lambda query_id, batch_id: commits.is_committed(connection, name, query_id, batch_id),
        )

    def _sleep(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise Stopped
        if self.lease.lost.is_set():
            raise LeaseLost(f"another copy has taken over workload {self.workload.name}")
