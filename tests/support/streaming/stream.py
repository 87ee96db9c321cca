"""The streaming application of one workload, run by spark-submit, in a database of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString, cast

from psycopg import sql

from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import make_producer
from include.infra.kafka.offsets import Positions, behind, from_json, merge, total
from include.infra.postgres.connection import connect
from include.infra.spark.environment import spark_environment
from include.infra.spark.jars import spark_jars
from include.local_stack.environment import settings_variables
from include.settings import PROJECT_ROOT, Settings
from include.streaming.registry import workload_named
from include.streaming.state.commits import committed_positions
from include.streaming.workload import Workload
from tests.support.streaming.kafka import delete_before

STAGING = r"FROM pg_class WHERE relname LIKE 'stream\_stage\_%'"
RUNNING = "SELECT count(*) FROM stream_progress WHERE status = 'running'"


@dataclass
class Stream:
    """The application under test.

    Attributes:
        running: closes what a test leaves running.
        variables: of the application's environment, beside the settings.
    """

    settings: Settings
    name: str
    running: ExitStack
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def workload(self) -> Workload:
        return workload_named(self.name, self.settings)

    @property
    def checkpoint(self) -> Path:
        return self.workload.checkpoint_dir(self.settings)

    @property
    def environment(self) -> dict[str, str]:
        own = {**settings_variables(self.settings.as_role("stream")), **self.variables}
        return {**os.environ, **own, **spark_environment(self.settings)}

    @property
    def log(self) -> Path:
        return self.settings.logs_dir / "stream.log"

    @contextmanager
    def submitted(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """The application, gone at the end with all its processes."""
        command = [
            str(Path(sys.executable).with_name("spark-submit")),
            "--master", "local[2]", "--driver-memory", "1g", "--conf", "spark.ui.enabled=false",
            "--jars", ",".join(map(str, spark_jars(self.settings))),
            str(PROJECT_ROOT / "spark_apps" / "stream_classify.py"), "--workload", self.name, *arguments,
        ]  # fmt: skip
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield child
        finally:
            if child.poll() is None:
                kill(child)

    def run_to_the_end(self) -> None:
        """Process what is in the topics now."""
        assert self.exit_code() == 0, self.tail()

    def exit_code(self) -> int:
        with self.submitted("--available-now") as child:
            return child.wait(900)

    def drain(self, child: subprocess.Popen[bytes]) -> None:
        child.send_signal(signal.SIGTERM)
        assert child.wait(120) == 0, self.tail()

    def kill_in_a_commit(self, table: str, send: Callable[[], None]) -> None:
        """Kill -9 of everything, when Spark counts messages as done that the database does not have yet."""
        ran = self.ask(RUNNING) if self.exists("stream_progress") else 0
        with self.submitted() as child:
            self.until("SELECT to_regclass('stream_progress') IS NOT NULL")
            self.wait(lambda: self.ask(RUNNING) > ran, "it does not run")
            with connect(self.settings) as other:
                lock = sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE")  # whoever reads may, a commit waits
                other.execute(lock.format(sql.Identifier(table)))
                send()
                self.wait(self.spark_is_ahead, "no batch is done")
                kill(child)

    def delete_unread(self, topic: str) -> int:
        """Have Kafka delete every message of a topic, as its retention does; how many were not read yet."""
        highs = Broker(self.settings).highs([topic])
        with connect(self.settings) as connection:
            unread = total(behind(committed_positions(connection, self.name), highs))
        delete_before(self.settings, highs)
        return unread

    def spark_is_ahead(self) -> bool:
        """Whether Spark's checkpoint counts messages as done that are not committed in the database.

        A new commit of the checkpoint alone does not say so: a query that starts may do its last batch again.
        """
        with connect(self.settings) as connection:
            committed = committed_positions(connection, self.name)
        return total(behind(committed, self.done_in_spark())) > 0

    def done_in_spark(self) -> Positions:
        """Where the last batch ends that the checkpoint has as done."""
        done = [int(file.name) for file in self.checkpoint.glob("commits/*") if file.name.isdigit()]
        if not done:
            return {}
        _version, _metadata, *sources = (
            (self.checkpoint / "offsets" / str(max(done))).read_text("utf-8").splitlines()
        )
        return merge(*map(from_json, sources))

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else "(no log)"

    def send(self, topic: str, messages: Iterable[tuple[str, bytes]]) -> None:
        """Send keys and values."""
        producer = make_producer(self.settings)
        for number, (key, value) in enumerate(messages):
            producer.produce(topic, value, key=key)
            if number % 1000 == 0:
                producer.poll(0)
        assert producer.flush(30) == 0

    def exists(self, table: str) -> bool:
        return bool(self.ask(f"SELECT to_regclass('{table}') IS NOT NULL"))

    def ask(self, query: str) -> Any:
        with connect(self.settings) as connection:
            row = connection.execute(sql.SQL(cast("LiteralString", query))).fetchone()
        return row[0] if row else None

    def until(self, query: str, seconds: float = 600) -> None:
        """Wait until a query's answer is true."""
        self.wait(lambda: bool(self.ask(query)), f"not within {seconds} s: {query}", seconds)

    def wait(self, condition: Callable[[], bool], why: str, seconds: float = 600) -> None:
        wait_until(condition, seconds, lambda: f"{why}\n{self.tail()}")

    def positions(self) -> int:
        """Messages in the workload's topics."""
        highs = Broker(self.settings).highs(self.workload.topics(self.settings))
        return sum(offset for partitions in highs.values() for offset in partitions.values())

    def accounted(self) -> tuple[int, int]:
        """Positions in the results and in the dead letters: in all, and different ones."""
        everywhere = f"""
            SELECT {{}} FROM (SELECT topic, kafka_partition, kafka_offset FROM {self.workload.results.table}
                UNION ALL SELECT topic, kafka_partition, kafka_offset FROM dead_letter
                WHERE replayed_at IS NULL AND workload = '{self.name}') AS everywhere
        """  # noqa: S608 - names of this project
        distinct = "count(DISTINCT (topic, kafka_partition, kafka_offset))"
        return self.ask(everywhere.format("count(*)")), self.ask(everywhere.format(distinct))

    def account(self) -> None:
        """Every position once, in the results or dead letters, or counted as lost; nothing is left behind."""
        lost = self.ask("SELECT coalesce(sum(end_offset - first_offset), 0) FROM stream_loss")
        assert self.accounted() == (self.positions() - lost, self.positions() - lost)
        assert self.ask("SELECT count(*) FROM dead_letter WHERE value IS NULL") == 0
        assert self.ask("SELECT count(*) FROM stream_lease") == 0


def kill(child: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the child and all its processes."""
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def wait_until(condition: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)
