"""From produce to visible row, at a steady rate."""

from __future__ import annotations

import threading
import time
from itertools import cycle
from typing import Any

import numpy as np
import psycopg

from include.infra.postgres.connection import connect
from include.settings import Settings
from tools.bench.messages import producer_of
from tools.bench.stream import START_SECONDS, application, ask, until

TICK = 0.01
_NEW = "SELECT id, end_offsets FROM stream_commit WHERE id > %s AND batch_id >= 0 ORDER BY id"


def latency(
    settings: Settings, scorer: str, values: list[bytes], *, rate: int, seconds: float, warm: float
) -> dict[str, Any]:
    """Percentiles of the seconds between a message's Kafka timestamp, set when it is produced, and the
    first look, one every 5 ms, that finds its batch committed. The first ``warm`` seconds don't count."""
    with application(settings, "--scorer", scorer):
        until(lambda: _runs(settings), START_SECONDS, "the application runs")
        watch = _Watch(settings)
        began = time.time()
        sent = _produce(settings, values, rate, seconds + warm)
        until(lambda: watch.messages() >= sent, 60, "every message is in")
        watch.stop()
    rows = ask(
        settings,
        "SELECT kafka_partition, kafka_offset, extract(epoch FROM arrived_at)::float8 FROM ai_tweets",
    )
    waits = [watch.seen(partition, offset) - at for partition, offset, at in rows if at > began + warm]
    p50, p95, p99 = np.percentile(waits, (50, 95, 99))
    return {"rate": rate, "posts": len(waits), "p50": p50, "p95": p95, "p99": p99, "max": max(waits)}


def _runs(settings: Settings) -> bool:
    try:
        return bool(ask(settings, "SELECT FROM stream_progress WHERE status = 'running' LIMIT 1"))
    except psycopg.errors.UndefinedTable:
        return False


def _produce(settings: Settings, values: list[bytes], rate: int, seconds: float) -> int:
    """Send ``rate`` messages a second, some every 10 ms; the number sent."""
    producer, supply = producer_of(settings), cycle(values)
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        for _ in range(int(passed * rate) - sent):
            producer.produce(settings.ai_topic, next(supply), partition=sent % 4)
            sent += 1
        producer.poll(0)
        time.sleep(TICK)
    producer.flush(30)
    return sent


class _Watch:
    """Notes when each commit is first visible to another connection."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._found: list[tuple[float, dict[int, int]]] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def messages(self) -> int:
        return sum(self._found[-1][1].values()) if self._found else 0

    def seen(self, partition: int, offset: int) -> float:
        return next(at for at, ends in self._found if ends.get(partition, 0) > offset)

    def _look(self) -> None:
        last = 0
        with connect(self._settings, autocommit=True) as connection:
            while not self._done.wait(0.005):
                for number, ends in connection.execute(_NEW, [last]).fetchall():
                    last = number
                    self._found.append(
                        (time.time(), {int(p): o for p, o in ends[self._settings.ai_topic].items()})
                    )
