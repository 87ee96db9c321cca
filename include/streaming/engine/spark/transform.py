"""A workload's transform, run by Spark, from the messages of a batch to the receipts of its tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from include.infra.kafka.offsets import Positions
from include.infra.spark.session import local_session
from include.settings import Settings
from include.streaming.engine.messages import MESSAGE_COLUMNS, POSITION_COLUMNS
from include.streaming.engine.spark.adapter import RECEIPT_SCHEMA, InSpark
from include.streaming.engine.transform_task import TransformTask, divide
from include.streaming.results import ARRIVED_AT, MESSAGE_KEY, BadWorkload
from include.streaming.sinks.base import Receipt, Stage, total_counts
from include.streaming.workload import Workload

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class MessagesLost(RuntimeError):
    """A transform that may not drop messages gave fewer rows than it got."""


def run_transform(
    messages: DataFrame, workload: Workload, settings: Settings, stage: Stage, committed: Positions
) -> list[Receipt]:
    """Transform a batch, and write what comes out.

    Raises:
        BadWorkload: the transform does not give the columns that it has to.
        MessagesLost: see there.
    """
    from pyspark.sql import Observation
    from pyspark.sql import functions as F

    transform = workload.transform
    assert transform is not None
    count = Observation("messages")
    if not transform.drops:
        messages = messages.observe(count, F.count(F.lit(1)).alias("number"))
    frame = selected(transform.run(messages, settings), workload)
    task = TransformTask(settings, workload.name, transform.failed, transform.reported, stage, committed)
    receipts = [
        Receipt.from_json(row.receipt) for row in frame.mapInArrow(InSpark(task), RECEIPT_SCHEMA).collect()
    ]
    if not transform.drops:
        expected, found = count.get["number"], total_counts(receipts).get("messages", 0)
        if found != expected:
            raise MessagesLost(
                f"the transform of {workload.name} gave {found:.0f} rows for {expected} messages: let it "
                f"flag what it can't process in column {transform.failed!r}, or declare that it drops some"
            )
    return receipts


@contextmanager
def local_transform(workload: Workload, settings: Settings) -> Iterator[Callable[..., Any]]:
    """A function from messages (MESSAGES) to results and dead letters (DEAD), by Spark in this process."""
    assert workload.transform is not None
    failed, run = workload.transform.failed, workload.transform.run
    with local_session(f"replay {workload.name}", settings) as spark:

        def transform(messages: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
            frame = spark.createDataFrame(pa.Table.from_batches([messages]))
            table = selected(run(frame, settings), workload).toArrow().combine_chunks()
            batches = table.to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
            return divide(batches[0], failed, workload.results)

        yield transform


def selected(frame: DataFrame, workload: Workload) -> DataFrame:
    """What the task needs of a transformed frame: raw bytes only where a dead letter needs them.

    Raises:
        BadWorkload: columns are missing.
    """
    from pyspark.sql import functions as F

    transform, results = workload.transform, workload.results
    assert transform is not None
    named = (*POSITION_COLUMNS, ARRIVED_AT.name)
    flags = [transform.failed, *([transform.reported] if transform.reported else [])]
    if missing := sorted({*MESSAGE_COLUMNS, *flags} - set(frame.columns)):
        raise BadWorkload(f"the transform of {workload.name} gives no columns {', '.join(missing)}")
    if MESSAGE_KEY.name in results.schema.names:
        frame = frame.withColumn(MESSAGE_KEY.name, F.col("key"))
    own = [name for name in results.schema.names if name not in (*named, *flags) and name in frame.columns]
    raw = [F.when(F.col(transform.failed).isNotNull(), F.col(name)).alias(name) for name in ("key", "value")]
    others = [name for name in MESSAGE_COLUMNS if name not in ("key", "value")]
    return frame.select(*others, *raw, *flags, *own)
