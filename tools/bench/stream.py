"""The streaming application end to end: Kafka to rows that are committed in Postgres."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import Any

from include.infra.postgres.connection import connect
from include.infra.processes.service import log_tail
from include.infra.spark.jars import spark_jars
from include.serving.client import ServingClient
from include.settings import PROJECT_ROOT, Settings
from tools.bench.servers import environment

START_SECONDS = 180.0
STALLED_SECONDS = 120.0

_COMMITS = """
SELECT extract(epoch FROM committed_at)::float8, posts + dead_letters AS messages
FROM stream_commit WHERE batch_id >= 0 ORDER BY id
"""


@dataclass(frozen=True)
class Sustained:
    """A run of the application: messages and seconds between its first warm commit and its last one."""

    messages: int
    seconds: float
    dead_letters: int
    rows: int
    batches: int
    thirds: list[float]
    """Messages per second of each third of the time."""

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds


@contextmanager
def application(
    settings: Settings, *arguments: str, workload: str = "ai_tweets"
) -> Iterator[subprocess.Popen[bytes]]:
    """The application as the embedded stack starts it; gone at the end with all its processes."""
    submit = [
        "--master", settings.spark_master, "--driver-memory", settings.spark_driver_memory,
        "--conf", "spark.ui.enabled=false", "--conf", "spark.ui.showConsoleProgress=false",
        "--jars", ",".join(map(str, spark_jars(settings))), "pyspark-shell",
    ]  # fmt: skip
    command = [
        sys.executable,
        str(PROJECT_ROOT / "spark_apps" / "stream_classify.py"),
        "--workload",
        workload,
    ]
    variables = os.environ | environment(settings) | {"PYSPARK_SUBMIT_ARGS": shlex.join(submit)}
    settings.logs_dir.mkdir(parents=True, exist_ok=True)
    with (settings.logs_dir / "stream.log").open("ab") as log:
        child = subprocess.Popen(
            [*command, *arguments], env=variables, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def sustained(settings: Settings, scorer: str, messages: int, *, warm: int) -> Sustained:
    """Let the application work off ``messages`` messages or a little more; measured after ``warm`` of them.

    Raises:
        RuntimeError: it ended, made no progress, or rows and commits differ; names its log's end.
    """
    with application(settings, "--scorer", scorer) as child:
        await_all(settings, child, messages)
    commits = ask(settings, _COMMITS)
    rows = ask(settings, "SELECT count(*) FROM ai_tweets")[0][0]
    dead = ask(settings, "SELECT count(*) FROM dead_letter")[0][0]
    if rows + dead != sum(batch for _, batch in commits):
        raise RuntimeError(f"{rows} rows and {dead} dead letters, but the commits tell of another number")
    totals = list(accumulate(batch for _, batch in commits))
    first = bisect_left(totals, warm)
    began, ended = commits[first][0], commits[-1][0]
    return Sustained(
        totals[-1] - totals[first], ended - began, dead, rows, len(commits) - first - 1,
        thirds(commits[first + 1 :], began, ended),
    )  # fmt: skip


def thirds(commits: list[tuple[float, int]], began: float, ended: float) -> list[float]:
    """Messages per second of each third of the time, of commits (time, messages) after ``began``.

    >>> thirds([(1.0, 30), (2.0, 30), (3.0, 60)], 0.0, 3.0)
    [30.0, 30.0, 60.0]
    """
    length = (ended - began) / 3
    sums = [0, 0, 0]
    for at, messages in commits:
        sums[min(2, ceil((at - began) / length) - 1)] += messages
    return [total / length for total in sums]


def await_all(
    settings: Settings, child: subprocess.Popen[bytes], messages: int, start: float = START_SECONDS
) -> None:
    """Wait until so many messages are committed, the first of them within ``start`` seconds.

    Raises:
        RuntimeError: the application ended, or makes no progress; names its log's end.
    """
    found, moved = 0, time.monotonic() + start - STALLED_SECONDS
    while found < messages:
        time.sleep(1)
        count = ask(settings, "SELECT COALESCE(sum(posts + dead_letters), 0)::bigint FROM stream_commit")[0][
            0
        ]
        if count > found:
            found, moved = count, time.monotonic()
        if child.poll() is not None or time.monotonic() - moved > STALLED_SECONDS:
            log = log_tail(settings.logs_dir / "stream.log", 60)
            raise RuntimeError(f"the application stands at {found} of {messages} messages:\n{log}")


def wait_for_model(settings: Settings) -> None:
    """Wait until the model server answers.

    Raises:
        RuntimeError: it does not.
    """
    with ServingClient(settings.model_url, settings.model_name) as client:
        until(client.is_ready, 90, "the model server is ready")


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for a condition.

    Raises:
        RuntimeError: it did not come in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connect(settings) as connection:
        return connection.execute(query).fetchall()
