"""What a fault works on: a running stream with its servers, under load."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

import psutil
import psycopg
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed

from include.infra.kafka.admin import Broker, BrokerUnavailable
from include.infra.kafka.offsets import behind, total
from include.infra.postgres.connection import connect
from include.infra.processes import supervisor
from include.infra.processes.service import log_tail
from include.local_stack import streams
from include.local_stack.environment import environment
from include.settings import Settings
from include.streaming.control.launcher import stream_program
from include.streaming.sinks.staging import prefix
from include.streaming.state.commits import committed_positions
from tools.drill.testbed.messages import Input
from tools.drill.testbed.proxy import ModelProxy
from tools.drill.testbed.receiver import Receiver
from tools.drill.testbed.subject import DrillSubject

_STAGING = "SELECT EXISTS (SELECT FROM pg_class WHERE starts_with(relname, %s))"


class TooLate(Exception):
    """Something that has to happen did not within its time."""


@dataclass
class DrillTestbed:
    """A workload's stream and its servers, at work."""

    settings: Settings
    subject: DrillSubject
    input: Input
    proxy: ModelProxy
    receiver: Receiver

    @property
    def stream(self) -> str:
        """The name of the stream's program."""
        return stream_program(self.subject.name)

    def pid(self, program: str) -> int:
        """The program's process; 0 where it does not run."""
        return supervisor.state(program, self.settings).pid

    def stop(self, program: str) -> None:
        supervisor.stop(program, self.settings)

    def start(self, program: str) -> None:
        supervisor.start(program, self.settings)

    def ask(self, query: LiteralString, *values: Any) -> Any:
        """The first value of a query's first row."""
        with connect(self.settings) as connection:
            row = connection.execute(query, values or None).fetchone()
        return row[0] if row else None

    def until(self, what: str, condition: Callable[[], bool], seconds: float = 600) -> None:
        """Wait until a condition holds; one that can't be asked, as in an outage, does not hold yet.

        Raises:
            TooLate: it does not in time; with the end of the stream's log.
        """

        def too_late(_: RetryCallState) -> None:
            log = log_tail(self.settings.logs_dir / f"{self.stream}.log", 60)
            raise TooLate(f"{what}: not within {seconds:.0f} s; the stream's log ends:\n{log}")

        waiting = Retrying(
            retry=retry_if_result(lambda holds: not holds),
            stop=stop_after_delay(seconds),
            wait=wait_fixed(0.05),
            retry_error_callback=too_late,
        )
        waiting(_holds, condition)

    def until_in_a_batch(self) -> None:
        """Wait until tasks are at work on a batch."""
        self.until("a batch at work", lambda: bool(self.ask(_STAGING, prefix(self.subject.name))))

    def left(self) -> int:
        """Messages that are not committed yet."""
        with connect(self.settings) as connection:
            committed = committed_positions(connection, self.subject.name)
        topics = self.subject.workload.topics(self.settings)
        return total(behind(committed, Broker(self.settings).highs(topics)))

    def until_done(self, seconds: float = 1200) -> None:
        """Wait until every message that was sent is committed."""
        self.input.flush()
        self.until("everything committed", lambda: self.left() == 0, seconds)

    def jvm(self) -> psutil.Process:
        """The stream's Java process."""
        children = psutil.Process(self.pid(self.stream)).children(recursive=True)
        return next(child for child in children if child.name() == "java")

    def python_workers(self) -> list[psutil.Process]:
        """The processes that run tasks: what Spark's Python daemon has forked."""
        daemons = [child for child in self.jvm().children() if "pyspark.daemon" in _command(child)]
        return [worker for daemon in daemons for worker in daemon.children()]

    def second_copy(self) -> tuple[list[str], dict[str, str]]:
        """Command and environment of another copy of the stream."""
        service = streams.stream(self.settings, self.subject.name)
        return service.command, {**os.environ, **environment(self.settings), **service.environment}


def _command(process: psutil.Process) -> str:
    """A process's command line; empty where it has ended, as a zombie that Java has not waited for."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie too
        return ""


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except (psycopg.OperationalError, BrokerUnavailable, psutil.NoSuchProcess):
        return False
