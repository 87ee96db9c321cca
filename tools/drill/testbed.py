"""The drill's servers: real ones, in a folder and on ports of their own, under the process manager."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from confluent_kafka import KafkaException

from include.infra.kafka.admin import Broker
from include.infra.kafka.offsets import behind, total
from include.infra.postgres.connection import connect
from include.infra.processes import supervisor
from include.infra.processes.ports import free_ports
from include.infra.processes.service import Service, log_tail
from include.local_stack import kafka, postgres, programs, stack
from include.local_stack.environment import environment
from include.settings import Settings
from include.streaming.state.commits import committed_positions
from include.streaming.workload import Workload, workload_named
from tools.drill import model
from tools.drill.messages import Input
from tools.drill.proxy import ModelProxy
from tools.drill.receiver import Receiver

PORTS = (
    "postgres_port", "kafka_port", "kafka_controller_port", "serving_port", "monitor_port", "airflow_port",
    "replay_port",
)  # fmt: skip
STAGING = r"SELECT count(*) > 0 FROM pg_class WHERE relname LIKE 'stream\_stage\_%'"


class Late(Exception):
    """Something that has to happen did not within its time."""


@dataclass
class Rig:
    """What a fault has to do with."""

    settings: Settings
    input: Input
    proxy: ModelProxy
    receiver: Receiver
    workload: Workload

    def pid(self, program: str) -> int:
        return supervisor.state(program, self.settings).pid

    def stop(self, program: str) -> None:
        supervisor.stop(program, self.settings)

    def start(self, program: str) -> None:
        supervisor.start(program, self.settings)

    def ask(self, query: str, *values: Any) -> Any:
        """The first value of a query's first row."""
        with connect(self.settings) as connection:
            row = connection.execute(query, values or None).fetchone()
        return row[0] if row else None

    def until(self, what: str, condition: Callable[[], bool], seconds: float = 600) -> None:
        """Wait until a condition holds; one that can't be asked, as in an outage, does not hold yet.

        Raises:
            Late: it does not in time; with the end of the stream's log.
        """
        deadline = time.monotonic() + seconds
        while not _holds(condition):
            if time.monotonic() > deadline:
                log = log_tail(self.settings.logs_dir / "stream.log", 60)
                raise Late(f"{what}: not within {seconds:.0f} s; the stream's log ends:\n{log}")
            time.sleep(0.05)

    def until_in_a_batch(self) -> None:
        """Wait until tasks are at work on a batch."""
        self.until("a batch at work", lambda: bool(self.ask(STAGING)))

    def left(self) -> int:
        """Messages that are not committed yet."""
        with connect(self.settings) as connection:
            committed = committed_positions(connection, self.workload.name)
        return total(behind(committed, Broker(self.settings).highs(self.workload.topics(self.settings))))

    def until_done(self, seconds: float = 1200) -> None:
        """Wait until all that was sent is committed."""
        self.input.flush()
        self.until("everything committed", lambda: self.left() == 0, seconds)

    def jvm(self) -> psutil.Process:
        """The stream's Java process."""
        children = psutil.Process(self.pid("stream")).children(recursive=True)
        return next(child for child in children if child.name() == "java")

    def python_workers(self) -> list[psutil.Process]:
        """The processes that run tasks: what Spark's Python daemon has forked."""
        daemons = [child for child in self.jvm().children() if "pyspark.daemon" in _command(child)]
        return [worker for daemon in daemons for worker in daemon.children()]


def _command(process: psutil.Process) -> str:
    """A process's command line; empty where it has ended, as a shell of Java's that nobody has waited for."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie is none as well
        return ""


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except (psycopg.OperationalError, KafkaException, psutil.NoSuchProcess):
        return False


@contextmanager
def rig(state_dir: Path, say: Callable[[str], None], **changes: Any) -> Iterator[Rig]:
    """Everything up, the stream running on a model in service; everything gone when left."""
    proxy_port, *ports = free_ports(1 + len(PORTS))
    receiver = Receiver()
    values: dict[str, Any] = dict(zip(PORTS, ports, strict=True))
    values |= {"serving_url": f"http://127.0.0.1:{proxy_port}", "alert_webhook": receiver.url}
    settings = Settings(_env_file=None, state_dir=state_dir, **{**values, **changes})
    proxy = ModelProxy(settings.host, proxy_port, settings.serving_port)
    with receiver.running(), proxy.running():
        try:
            stack.up(settings, say, services(settings))
            model.serve(1, {**os.environ, **environment(settings)})
            yield _started(settings, proxy, receiver, say)
        finally:
            stack.down(settings, say)


def services(settings: Settings) -> list[Service]:
    """The stack's own programs that the stream has to do with, and the stream."""
    return [
        postgres.service(settings),
        kafka.service(settings),
        programs.model_server(settings),
        programs.monitor(settings),
        programs.stream(settings),
    ]


def _started(settings: Settings, proxy: ModelProxy, receiver: Receiver, say: Callable[[str], None]) -> Rig:
    workload = workload_named("ai_tweets")
    Broker(settings).create_missing(workload.topics(settings))
    made = Rig(settings, Input(settings), proxy, receiver, workload)
    say("starting the stream")
    made.start("stream")
    made.input.send(1_000)
    made.until_done()
    say("the stream runs")
    return made


def second_copy(settings: Settings) -> tuple[list[str], dict[str, str]]:
    """Command and environment of another copy of the stream."""
    service = programs.stream(settings)
    return service.command, {**os.environ, **environment(settings), **service.environment}


def described() -> dict[str, Any]:
    """The machine and the versions, for the report."""
    from importlib.metadata import version
    from platform import machine, python_version

    return {
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "machine": machine(),
        "python": python_version(),
        "pyspark": version("pyspark"),
        "kafka": _kafka_version(),
        "postgres": postgres.POSTGRES_MAJOR,
        "command": shlex.join(sys.argv),
    }


def _kafka_version() -> str:
    from include.infra.spark.jars import KAFKA_BROKER

    return KAFKA_BROKER.rsplit(":", 1)[-1]
