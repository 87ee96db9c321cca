"""The second database: rows, and a row that names their batch, in one transaction of that database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from include.infra.postgres.kept_connection import kept_connection_to
from include.streaming.results import Results
from include.streaming.sinks.base import Batch, Receipt, ResultSink, total_counts
from include.streaming.sinks.results_table import add_rows, create_table
from include.streaming.sinks.staging import StagingTables, drop_leftovers, expect

KEPT_DAYS = 7
"""How long the other database remembers which batches it has."""

_BATCHES = """
CREATE TABLE IF NOT EXISTS stream_sink_batch (
    workload     text        NOT NULL,
    query_id     text        NOT NULL,
    batch_id     bigint      NOT NULL,
    rows         bigint      NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workload, query_id, batch_id)
)
"""
_FORGET = """
DELETE FROM stream_sink_batch WHERE workload = %s AND committed_at < now() - make_interval(days => %s)
"""
_REMEMBER = """
INSERT INTO stream_sink_batch (workload, query_id, batch_id, rows) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


@dataclass
class JdbcSink(ResultSink[StagingTables]):
    """The results' table in another Postgres database, exactly once.

    Only rows go there: the statements that follow in the main database do not run.

    Attributes:
        server: a libpq connection string.
        token: of the lease's holder.
    """

    workload: str
    results: Results
    server: str
    token: str

    def start(self) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(hashtext('tweetsieve results'))")
                connection.execute(_BATCHES)
            create_table(connection, self.results)
            drop_leftovers(connection, self.workload)
            connection.execute(_FORGET, [self.workload, KEPT_DAYS])

    def stage(self, batch: Batch) -> StagingTables:
        schemas = {"rows": self.results.schema}
        stage = StagingTables.fresh(self.server, self.workload, self.token, schemas)
        connection = kept_connection_to(self.server)
        with connection.transaction():
            stage.create(connection)
        return stage

    def publish(self, batch: Batch, stage: StagingTables, receipts: Sequence[Receipt]) -> None:
        """Add the batch's rows, where they are not in already.

        Raises:
            StagedRowsLost: the batch has to be processed again.
        """
        rows, staged = total_counts(receipts).get("rows", 0), stage.table("rows")
        attempts = [receipt.attempt for receipt in receipts]
        connection = kept_connection_to(self.server)
        with connection.transaction():
            name = [batch.workload, batch.query_id, batch.batch_id, rows]
            if connection.execute(_REMEMBER, name).rowcount and rows:
                expect(rows, add_rows(connection, self.results, staged, attempts, after=False), staged)
            stage.drop(connection)
