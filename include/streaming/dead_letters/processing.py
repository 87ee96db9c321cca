"""A workload's own processing, for messages that don't come from Kafka."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

import pyarrow as pa

from include.settings import Settings
from include.streaming.backoff import pauses
from include.streaming.engine.task import process
from include.streaming.scorers.factory import make_scorer, scorers_of
from include.streaming.scorers.plan import current_plan, scorer_name
from include.streaming.scorers.traffic_split import TrafficSplit
from include.streaming.sinks.base import Receipt
from include.streaming.workload import Workload

MODEL_SECONDS = 60.0
"""How long an outage of the model is waited out; a later try goes on where this one ended."""

Processing: TypeAlias = Callable[[pa.RecordBatch], tuple[pa.RecordBatch, pa.RecordBatch]]
"""From messages (MESSAGES) to results and dead letters (DEAD)."""


class ModelAway(Exception):
    """No model answers; the next try may find one."""


@contextmanager
def processing(workload: Workload, settings: Settings, scorer: str | None = None) -> Iterator[Processing]:
    """The workload's processing, ready to be called; a Spark session of this process, where it needs one.

    The processing raises ModelAway.
    """
    if workload.transform is not None:
        from include.infra.spark.environment import spark_environment
        from include.streaming.engine.spark.transform import local_transform

        os.environ.update(spark_environment(settings))
        with local_transform(workload, settings) as transform:
            yield transform
        return
    plan = current_plan(workload, settings, scorer_name(workload, settings, scorer))
    stable = replace(plan, canary=None)
    yield ByScorers(workload, scorers_of(workload, stable, settings, make_scorer))


@dataclass(frozen=True)
class ByScorers:
    """Decodes and scores, once the scorers are ready."""

    workload: Workload
    scorers: TrafficSplit

    def __call__(self, messages: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        self._await_model()
        return process(messages, self.workload, self.scorers, Receipt(0))

    def _await_model(self) -> None:
        deadline = time.monotonic() + MODEL_SECONDS
        for pause in pauses(longest=2):
            why = self.scorers.ready()
            if why is None:
                return
            if time.monotonic() > deadline:
                raise ModelAway(f"no model answers: {why}")
            time.sleep(pause)
