"""The main database: a batch's rows, dead letters and commit row, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import pyarrow as pa
from psycopg import sql

from include.infra.postgres.connection import connect, conninfo
from include.infra.postgres.kept_connection import kept_connection
from include.schema.roles.rights import owner_of_results
from include.settings import Settings
from include.streaming.results import Results
from include.streaming.sinks.base import DEAD, Batch, Receipt, total_counts, total_reports
from include.streaming.sinks.results_table import add_rows, count_rows, create_table
from include.streaming.sinks.staging import ATTEMPT, StagingTables, drop_leftovers, expect, staged_rows
from include.streaming.state import commits
from include.streaming.state.lease import Lease
from include.tombstones.table import leave_out, leave_out_letters

_DEAD = """
INSERT INTO dead_letter (workload, topic, kafka_partition, kafka_offset, stage, reason, key, value)
SELECT {workload}, topic, kafka_partition, kafka_offset, stage, reason, key, value FROM {dead} AS staged
ON CONFLICT DO NOTHING
"""


@dataclass
class MainDatabase:
    """Tables ``dead_letter`` and ``stream_commit``, and the results' where they are a sink of the workload.

    Attributes:
        results: None where rows go elsewhere only.
    """

    settings: Settings
    lease: Lease
    results: Results | None

    def start(self) -> None:
        """Create the results' table where it is missing, and clear away what an earlier run left."""
        with connect(self.settings, autocommit=True) as connection:
            if self.results:
                create_table(connection, self.results, owner_of_results(self.settings))
                if self.results.prepare:
                    self.results.prepare(connection)
            drop_leftovers(connection, self.lease.workload)

    def reached(self) -> commits.Reached:
        return commits.reached(kept_connection(self.settings), self.lease.workload)

    def has(self, batch: Batch) -> bool:
        connection = kept_connection(self.settings)
        return commits.is_committed(connection, batch.workload, batch.query_id, batch.batch_id)

    def stage(self) -> StagingTables:
        """Fresh staging tables for a batch."""
        schemas: dict[str, pa.Schema] = {"dead": DEAD}
        if self.results:
            schemas["rows"] = self.results.schema
        workload, token = self.lease.workload, self.lease.token
        stage = StagingTables.fresh(conninfo(self.settings), workload, token, schemas)
        connection = kept_connection(self.settings)
        with connection.transaction():
            stage.create(connection)
        return stage

    def add(
        self,
        connection: psycopg.Connection,
        batch: Batch,
        stage: StagingTables,
        receipts: Sequence[Receipt],
        ends: commits.Reached,
    ) -> None:
        """Move a batch from its staging tables, and remember it, within the caller's transaction.

        Raises:
            StagedRowsLost: the batch has to be processed again.
        """
        attempts, counts = [receipt.attempt for receipt in receipts], total_counts(receipts)
        connection.execute("SET LOCAL jit = off")  # compiling such a statement takes longer than running it
        rows, letters = counts.get("rows", 0), counts.get("dead_letters", 0)
        gone = self._leave_out(connection, stage, attempts)
        rows, letters = rows - gone["rows"], letters - gone["dead"]
        if self.results and rows:
            staged = stage.table("rows")
            reached = commits.committed_positions(connection, batch.workload)
            added = add_rows(connection, self.results, staged, attempts, reached=reached)
            expect(rows, added, staged)
        if letters:
            staged = stage.table("dead")
            expect(letters, count_rows(connection, staged, attempts), staged)
            dead = staged_rows(staged, attempts)
            connection.execute(sql.SQL(_DEAD).format(workload=sql.Literal(batch.workload), dead=dead))
        if any(gone.values()):
            counts |= {"rows": rows, "dead_letters": letters, "forgotten": sum(gone.values())}
        reports = total_reports(receipts)
        commits.write_commit(
            connection, batch.workload, batch.query_id, batch.batch_id, ends, counts, reports
        )
        stage.drop(connection)

    def _leave_out(
        self, connection: psycopg.Connection, stage: StagingTables, attempts: list[int]
    ) -> dict[str, int]:
        """Delete staged rows of forgotten posts; how many of these attempts there were, by table."""
        counted = sql.SQL("t.{} = ANY({})").format(sql.Identifier(ATTEMPT), sql.Literal(attempts))
        gone = {"rows": 0, "dead": leave_out_letters(connection, stage.table("dead"), counted)}
        if self.results:
            columns = self.results.texts
            gone["rows"] = leave_out(connection, stage.table("rows"), columns, counted)
        return gone
