"""The streaming query of a workload: Kafka in, every batch through the task into the sink."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from include.infra.kafka.offsets import Positions, to_json
from include.serving.canary_window import open_canary
from include.settings import Settings
from include.streaming.engine.committer import Committer
from include.streaming.engine.drain_gate import Draining, Gate
from include.streaming.engine.task import MESSAGE_COLUMNS, RECEIPT_SCHEMA, ClassifyTask
from include.streaming.sinks.base import Batch, Receipt, Sink
from include.streaming.workload import Workload

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming import StreamingQuery


CONSUMER = {"kafka.max.poll.records": "5000", "kafka.max.partition.fetch.bytes": str(4 * 2**20)}
"""Kafka's own defaults hand a reader 500 messages at a time."""

ARROW_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"
ROWS_AT_ONCE = 8192
"""Messages that a task holds, parses and scores at once: a call of ``saved_model``, two requests."""

CHECKPOINT_FILES = "spark.sql.streaming.checkpointFileManagerClass"
BY_RENAMING = "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager"
"""For a local folder. Spark's own choice starts programs (chmod, readlink) for every file it writes."""


def read_messages(spark: SparkSession, workload: Workload, settings: Settings, start: Positions) -> DataFrame:
    """The messages of the workload's topics from ``start`` on, where no checkpoint knows better."""
    for setting, ours in ((ARROW_ROWS, str(ROWS_AT_ONCE)), (CHECKPOINT_FILES, BY_RENAMING)):
        if not spark.sparkContext.getConf().contains(setting):
            spark.conf.set(setting, ours)
    options = {
        **CONSUMER,
        "kafka.bootstrap.servers": settings.kafka_bootstrap,
        "subscribe": ",".join(workload.topics(settings)),
        "startingOffsets": to_json(start),
        "maxOffsetsPerTrigger": str(workload.trigger.max_messages),
        "groupIdPrefix": f"tweetsieve-{workload.name}",
        "failOnDataLoss": "true",
    }
    return spark.readStream.format("kafka").options(**options).load().select(*MESSAGE_COLUMNS)


@dataclass
class BatchRunner:
    """What Spark calls for each batch; it returns once the batch's commit is under way.

    Nothing is caught here: a batch that fails ends the query, and the batch is done again at the
    next start. ``last`` holds the latest batch's receipts, ``seconds`` how long the latest tasks and the
    latest commit took, ``committed`` the number of batches that are committed, ``ended`` when the last of
    them was (monotonic).
    """

    workload: Workload
    settings: Settings
    sink: Sink[Any]
    gate: Gate
    query_id: Future[str] = field(default_factory=Future)
    committer: Committer = field(default_factory=Committer)
    last: list[Receipt] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    committed: int = 0
    ended: float = field(default_factory=time.monotonic)

    def __call__(self, messages: DataFrame, batch_id: int) -> None:
        try:
            self._run(messages, batch_id)
        except Exception:
            if self.gate.closed:  # Spark's search for a stop in a long message overflows its stack
                raise Draining("draining: the batch was given up and is left for the next start") from None
            raise

    def _run(self, messages: DataFrame, batch_id: int) -> None:
        with self.gate.batch():
            batch = Batch(self.workload.name, self.query_id.result(timeout=60), batch_id)
            if self.sink.has(batch):
                return
            stage = self.sink.stage(batch)
            started = time.monotonic()
            committed, canary = self.sink.committed(), open_canary(self.settings)
            task = ClassifyTask(self.settings, self.workload.scorer, stage, committed, canary)
            rows = _as_many_as_cores(messages).mapInArrow(task, RECEIPT_SCHEMA).collect()
            self.last = [Receipt.from_json(row.receipt) for row in rows]
            self.seconds["tasks"] = time.monotonic() - started
            self.committer.begin(partial(self._commit, batch, stage, self.last))

    def _commit(self, batch: Batch, stage: Any, receipts: list[Receipt]) -> None:
        started = time.monotonic()
        self.sink.commit(batch, stage, receipts)
        self.committed += 1
        self.ended = time.monotonic()
        self.seconds["commit"] = self.ended - started

    def details(self) -> dict[str, Any]:
        """What the latest batch's receipts say, for its progress row."""
        versions = [receipt.model_version for receipt in self.last if receipt.model_version]
        return {
            "dead_letters": sum(receipt.dead_letters for receipt in self.last),
            "model_version": max(versions, default=None),
            "score_seconds": round(sum(receipt.score_seconds for receipt in self.last), 3),
            "seconds": {part: round(seconds, 3) for part, seconds in list(self.seconds.items())},
        }


def _as_many_as_cores(messages: DataFrame) -> DataFrame:
    """Kafka's partitions in as many tasks as run at once: what a task costs is paid for each."""
    return messages.coalesce(messages.sparkSession.sparkContext.defaultParallelism)


def start_query(messages: DataFrame, runner: BatchRunner, *, available_now: bool) -> StreamingQuery:
    """Start the query on the workload's checkpoint."""
    workload = runner.workload
    writer = (
        messages.writeStream.queryName(workload.name)
        .option("checkpointLocation", str(workload.checkpoint_dir(runner.settings)))
        .foreachBatch(runner)
    )
    if available_now:
        query = writer.trigger(availableNow=True).start()
    else:
        query = writer.trigger(processingTime=workload.trigger.interval).start()
    runner.query_id.set_result(query.id)
    return query
