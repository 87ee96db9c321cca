"""The sinks of a replay: the same places as the stream's, beside a stream that may be running."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pyarrow as pa

from include.infra.postgres.connection import conninfo
from include.schema.roles.rights import owner_of_results
from include.settings import Settings
from include.streaming.results import Results
from include.streaming.sinks.base import DEAD, Batch, Receipt, ResultSink
from include.streaming.sinks.results_table import add_rows, create_table
from include.streaming.sinks.staging import ATTEMPT, StagingTables, copy_arrow
from include.tombstones.table import leave_out


@dataclass
class ReplaySink:
    """Adds rows without a commit row: a replay moves no position, and needs no lease.

    Attributes:
        run: names this replay's batches; unlike that of any other.
        results: of the main database's table; None where it is no sink of the workload.
        others: the workload's other sinks, which are not started here: the stream did that.
    """

    settings: Settings
    workload: str
    run: str
    results: Results | None
    others: tuple[ResultSink[Any], ...] = ()
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def add(self, connection: psycopg.Connection, rows: pa.RecordBatch) -> None:
        """Add results to all sinks; to the main database within the connection's transaction, last."""
        if not rows.num_rows:
            return
        batch = Batch(self.workload, self.run, next(self._numbers))
        for sink in self.others:
            stage = sink.stage(batch)
            with stage.writer(0) as writer:
                writer.write(rows, pa.RecordBatch.from_pylist([], DEAD))
            sink.publish(batch, stage, [Receipt(0, {"rows": rows.num_rows})])
            sink.finish(batch, stage)
        if self.results:
            self._add_to_main(connection, self.results, rows)

    def _add_to_main(self, connection: psycopg.Connection, results: Results, rows: pa.RecordBatch) -> None:
        create_table(connection, results, owner_of_results(self.settings))
        server, token = conninfo(self.settings), uuid.uuid4().hex[:8]
        stage = StagingTables.fresh(server, self.workload, token, {"rows": results.schema})
        stage.create(connection)
        attempts = pa.repeat(pa.scalar(0, pa.int64()), rows.num_rows)
        copy_arrow(connection, stage.table("rows"), rows.append_column(ATTEMPT, attempts))
        leave_out(connection, stage.table("rows"), results.texts)
        add_rows(connection, results, stage.table("rows"), [0])
        stage.drop(connection)
