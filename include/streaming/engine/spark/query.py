"""The streaming query of a workload: Kafka in, every batch through its tasks into the sinks."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.infra.kafka.connection import spark_options
from include.infra.kafka.offsets import Positions, to_json
from include.settings import Settings
from include.streaming.engine.batch import BatchRunner
from include.streaming.engine.batch_lock import Draining
from include.streaming.engine.messages import MESSAGE_COLUMNS
from include.streaming.engine.spark.adapter import RECEIPT_SCHEMA, InSpark
from include.streaming.engine.spark.transform import run_transform
from include.streaming.engine.task import ScoreTask
from include.streaming.scorers.plan import current_plan
from include.streaming.sinks.base import Batch, Receipt
from include.streaming.sinks.batch_sink import BatchStage
from include.streaming.state.offset_log import planned_ends
from include.streaming.workload import Workload

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming import StreamingQuery


CONSUMER = {
    "kafka.max.poll.records": "5000",
    "kafka.max.partition.fetch.bytes": str(4 * 2**20),
    "kafka.isolation.level": "read_committed",
}
"""Kafka's own defaults hand a reader 500 messages at a time, and those of transactions that were aborted."""

ARROW_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"
ROWS_AT_ONCE = 8192
"""Messages that a task holds, decodes and scores at once: a call of ``saved_model``, two requests."""

CHECKPOINT_FILES = "spark.sql.streaming.checkpointFileManagerClass"
BY_RENAMING = "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager"
"""For a local folder. Spark's own choice starts programs (chmod, readlink) for every file it writes."""


def read_messages(spark: SparkSession, workload: Workload, settings: Settings, start: Positions) -> DataFrame:
    """The messages of the workload's topics from ``start`` on, where no checkpoint says otherwise."""
    for setting, ours in ((ARROW_ROWS, str(ROWS_AT_ONCE)), (CHECKPOINT_FILES, BY_RENAMING)):
        if not spark.sparkContext.getConf().contains(setting):
            spark.conf.set(setting, ours)
    options = {
        **CONSUMER,
        **spark_options(settings),
        "subscribe": ",".join(workload.topics(settings)),
        "startingOffsets": to_json(start),
        "maxOffsetsPerTrigger": str(workload.trigger.max_messages),
        "groupIdPrefix": f"tweetsieve-{workload.name}",
        "failOnDataLoss": "true",
    }
    return spark.readStream.format("kafka").options(**options).load().select(*MESSAGE_COLUMNS)


@dataclass
class SparkBatches:
    """What Spark calls for each batch.

    Attributes:
        scorer: name of the scorer in use where the workload declares no shares.
        query_id: of the query, once it is started.
    """

    runner: BatchRunner
    scorer: str
    query_id: Future[str] = field(default_factory=Future)

    def __call__(self, messages: DataFrame, batch_id: int) -> None:
        workload, settings = self.runner.workload, self.runner.settings
        batch = Batch(workload.name, self.query_id.result(timeout=60), batch_id)
        try:
            ends = planned_ends(workload.checkpoint_dir(settings), batch_id)
            self.runner.run(batch, ends, lambda stage, committed: self._run_tasks(messages, stage, committed))
        except Exception:
            if self.runner.lock.closed:  # Spark's search for a stop in a long message overflows its stack
                raise Draining("draining: the batch was given up and is left for the next start") from None
            raise

    def _run_tasks(self, messages: DataFrame, stage: BatchStage, committed: Positions) -> list[Receipt]:
        workload, settings = self.runner.workload, self.runner.settings
        messages = _as_many_as_cores(messages)
        if workload.transform is not None:
            return run_transform(messages, workload, settings, stage, committed)
        plan = current_plan(workload, settings, self.scorer)
        task = ScoreTask(settings, workload.name, plan, stage, committed)
        rows = messages.mapInArrow(InSpark(task), RECEIPT_SCHEMA).collect()
        return [Receipt.from_json(row.receipt) for row in rows]


def _as_many_as_cores(messages: DataFrame) -> DataFrame:
    """Kafka's partitions in as many tasks as run at once: what a task costs is paid for each."""
    return messages.coalesce(messages.sparkSession.sparkContext.defaultParallelism)


def start_query(messages: DataFrame, batches: SparkBatches, *, available_now: bool) -> StreamingQuery:
    """Start the query on the workload's checkpoint."""
    workload, settings = batches.runner.workload, batches.runner.settings
    writer = (
        messages.writeStream.queryName(workload.name)
        .option("checkpointLocation", str(workload.checkpoint_dir(settings)))
        .foreachBatch(batches)
    )
    if available_now:
        query = writer.trigger(availableNow=True).start()
    else:
        query = writer.trigger(processingTime=workload.trigger.interval).start()
    batches.query_id.set_result(query.id)
    return query
