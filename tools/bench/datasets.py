"""Deduplicating and splitting dataset versions of several sizes, with the memory of the driver."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import psutil

from include.datasets.raw_table import COLUMNS
from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.infra.spark.jars import spark_jars
from include.schema.dataset_tables import VersionTables, create_raw
from include.settings import PROJECT_ROOT, Settings
from tools.bench.servers import environment

VOCABULARY = 20_000
COPIES = 0.35
"""Share of posts that repeat another one, half of them with a word changed."""
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def build(settings: Settings, version: int, rows: int) -> dict[str, Any]:
    """Fill a version's raw table with made-up posts, then deduplicate and split it as the DAG does."""
    with connect(settings) as connection:
        tables = VersionTables.of(version, settings)
        create_raw(connection, tables.raw)
        copy_rows(connection, tables.raw, COLUMNS, _rows(rows))
    return {
        "rows": rows,
        **{name: _run(settings, name, version) for name in ("deduplicate", "split")},
    }


def _rows(count: int) -> Iterator[tuple[Any, ...]]:
    for number, text in enumerate(_texts(count)):
        place = ("mix_tweets_topic", number % 4, number // 4)
        yield (*place, str(number), _WHEN, None, "plain", None, text, [], [], [], [], False, _WHEN)


def _texts(count: int) -> Iterator[str]:
    """Words as frequent as in any language (Zipf), some texts twice or nearly so."""
    choose = random.Random(1)
    words = [f"w{number}" for number in range(VOCABULARY)]
    weights = list(accumulate(1 / (number + 1) ** 0.8 for number in range(VOCABULARY)))
    recent: list[list[str]] = [["first"]]
    for _ in range(count):
        if choose.random() < COPIES:
            text = list(choose.choice(recent))
            if choose.random() < 0.5:
                text[choose.randrange(len(text))] = choose.choice(words)
        else:
            text = choose.choices(words, cum_weights=weights, k=choose.randrange(5, 30))
            recent.append(text)
            if len(recent) > 5_000:
                recent[choose.randrange(5_000)] = recent.pop()
        yield " ".join(text)


def _run(settings: Settings, application: str, version: int) -> dict[str, Any]:
    """Run one Spark application; its seconds, start-up included, and the peak memory of its processes."""
    command = [
        str(Path(sys.executable).with_name("spark-submit")),
        "--master", settings.spark_master, "--driver-memory", settings.spark_driver_memory,
        "--conf", "spark.ui.enabled=false", "--conf", "spark.ui.showConsoleProgress=false",
        "--jars", ",".join(map(str, spark_jars(settings))),
        str(PROJECT_ROOT / "spark_apps" / f"{application}.py"), "--version", str(version),
    ]  # fmt: skip
    began = time.monotonic()
    with (settings.logs_dir / f"{application}.log").open("wb") as log:
        child = subprocess.Popen(
            command, env=os.environ | environment(settings), stdout=subprocess.PIPE, stderr=log
        )
    memory = _Memory(child.pid)
    output, _ = child.communicate()
    seconds = time.monotonic() - began
    if child.returncode:
        raise RuntimeError(f"{application} of version {version} failed; see {log.name}")
    summary = json.loads(output.splitlines()[-1])
    return {"seconds": seconds, **memory.peaks(), "summary": summary}


class _Memory:
    """Peak resident memory: the driver's Python, the JVM (driver and executor in one), the workers."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._peaks = {"jvm": 0, "python": 0}
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def peaks(self) -> dict[str, float]:
        self._thread.join()
        return {f"{kind}_mib": bytes_ / 2**20 for kind, bytes_ in self._peaks.items()}

    def _watch(self) -> None:
        while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
            used = {"jvm": 0, "python": 0}
            try:
                for process in [self._process, *self._process.children(recursive=True)]:
                    kind = "jvm" if process.name() == "java" else "python"
                    used[kind] += process.memory_info().rss
            except psutil.NoSuchProcess:
                pass
            self._peaks = {kind: max(peak, used[kind]) for kind, peak in self._peaks.items()}
            time.sleep(0.2)
