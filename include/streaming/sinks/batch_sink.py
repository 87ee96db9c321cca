"""All sinks of a workload as one that takes batches: the main database last, and so exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from include.infra.postgres.kept_connection import kept_connection
from include.settings import Settings
from include.streaming.sinks.base import Batch, Receipt, ResultSink, Stage, TaskWriter
from include.streaming.sinks.postgres import MainDatabase
from include.streaming.sinks.staging import StagingTables
from include.streaming.state.commits import Reached
from include.streaming.state.lease import Lease


@dataclass
class BatchSink:
    """Takes batches exactly once, as far as the workload's sinks allow it.

    A batch is published to the other sinks, each of which takes the same batch any number of times, and then
    committed in the main database. What fails in between is processed again, whole.
    """

    settings: Settings
    lease: Lease
    main: MainDatabase
    others: tuple[ResultSink[Any], ...] = ()

    def start(self) -> None:
        """Create what is missing; clear away or finish what an earlier run left undone."""
        self.main.start()
        for sink in self.others:
            sink.start()

    def reached(self) -> Reached:
        """How far in Kafka the sinks have everything."""
        return self.main.reached()

    def has(self, batch: Batch) -> bool:
        """Whether the batch is in already."""
        return self.main.has(batch)

    def stage(self, batch: Batch) -> BatchStage:
        """A fresh landing place for the batch."""
        return BatchStage(self.main.stage(), tuple(sink.stage(batch) for sink in self.others))

    def commit(self, batch: Batch, stage: BatchStage, receipts: Sequence[Receipt], ends: Reached) -> None:
        """Take over what the receipts vouch for and remember the batch: all of it or nothing.

        The lease is held from the first sink to the last: nobody can take the workload over meanwhile.

        Raises:
            LeaseLost: another copy has taken over; nothing is written.
            StagedRowsLost: the batch has to be processed again.
        """
        connection = kept_connection(self.settings)
        with connection.transaction():
            self.lease.fence(connection)
            for sink, staged in zip(self.others, stage.others, strict=True):
                sink.publish(batch, staged, receipts)
            self.main.add(connection, batch, stage.main, receipts, ends)
        for sink, staged in zip(self.others, stage.others, strict=True):
            sink.finish(batch, staged)


@dataclass(frozen=True)
class BatchStage:
    """The landing places in all sinks."""

    main: StagingTables
    others: tuple[Stage, ...] = ()

    @contextmanager
    def writer(self, attempt: int) -> Iterator[BatchWriter]:
        """The writer of one task attempt, to all sinks; it fails where one of them fails."""
        with ExitStack() as stack:
            stages: tuple[Stage, ...] = (self.main, *self.others)
            yield BatchWriter([stack.enter_context(stage.writer(attempt)) for stage in stages])


@dataclass(frozen=True)
class BatchWriter:
    """Writes the same to all."""

    writers: list[TaskWriter]

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        for writer in self.writers:
            writer.write(results, dead)
