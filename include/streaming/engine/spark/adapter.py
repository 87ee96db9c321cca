"""The engine's tasks as functions for Spark's ``mapInArrow``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from include.streaming.engine.task import Task

RECEIPT_SCHEMA = "receipt string"


@dataclass(frozen=True)
class InSpark:
    """Batches in, one receipt out."""

    task: Task

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        context = TaskContext.get()
        receipt = self.task.run(batches, context.taskAttemptId() if context else 0)
        yield pa.record_batch({"receipt": [receipt.to_json()]})
