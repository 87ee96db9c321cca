"""Python workers that have their scorer loaded before the first batch, and keep it while nothing comes.

Spark ends workers that have had nothing to do for a minute; a new one takes ten seconds to load
TensorFlow. All of it happens in a separate thread, so that a request to stop never waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.scorers.factory import scorers_of
from include.streaming.scorers.plan import ScorerPlan, current_plan
from include.streaming.workload import Workload

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

IDLE_SECONDS = 30.0
"""Workers that had nothing to do for so long are given something."""


@dataclass(frozen=True)
class LoadScorers:
    """A task for ``mapInArrow`` that loads the scorers of its process; its rows pass through."""

    settings: Settings
    workload: str
    plan: ScorerPlan

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorers_of(workload_named(self.workload, self.settings), self.plan, self.settings).warm()
        yield from batches


@dataclass
class Warmup:
    """Warms up the workers of one session. A workload without scorers has nothing to load."""

    spark: SparkSession
    workload: Workload
    scorer: str
    settings: Settings
    _thread: threading.Thread = field(default_factory=threading.Thread)
    _ended: float = field(default_factory=time.monotonic)

    def begin(self) -> None:
        """Start to warm up, where it is not under way."""
        if self.workload.scorers and not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)
            self._thread.start()

    def wait(self, stop: threading.Event) -> None:
        """Until it is done, or a stop is asked for."""
        while self._thread.is_alive() and not stop.wait(0.1):
            pass

    def keep(self, last_batch: float) -> None:
        """Warm up again where neither a batch (ended at ``last_batch``, monotonic) nor this was at work."""
        if time.monotonic() - max(last_batch, self._ended) > IDLE_SECONDS:
            self.begin()

    def _run(self) -> None:
        workers = self.spark.sparkContext.defaultParallelism
        try:
            plan = current_plan(self.workload, self.settings, self.scorer)
            task = LoadScorers(self.settings, self.workload.name, plan)
            self.spark.range(workers, numPartitions=workers).mapInArrow(task, "id long").collect()
        except (PySparkException, Py4JError, OSError, psycopg.Error) as problem:
            log.warning("the Python workers could not be warmed up: %s", str(problem)[:300])
        self._ended = time.monotonic()
