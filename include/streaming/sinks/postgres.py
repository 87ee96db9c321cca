"""The Postgres sink: one transaction moves a staged batch into its tables and remembers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.database import connect
from include.settings import Settings
from include.streaming import commits
from include.streaming.lease import Lease
from include.streaming.positions import Positions, merge
from include.streaming.sinks.base import Batch, Receipt
from include.streaming.sinks.postgres_stage import PostgresStage, drop_leftovers

# A link counts once per post that is new here, so that a batch done again counts nothing twice.
MOVE_POSTS = """
WITH added AS (
    INSERT INTO ai_tweets (topic, kafka_partition, kafka_offset, id, created_at, lang, text, links,
                           hashtags, probability, model_version, arrived_at)
    SELECT topic, kafka_partition, kafka_offset, id, created_at, lang, text, links,
           hashtags, probability, model_version, arrived_at
    FROM {posts} WHERE attempt = ANY(%(attempts)s)
    ON CONFLICT DO NOTHING
    RETURNING topic, kafka_partition, kafka_offset
), seen AS (
    SELECT l.link, min(l.domain) AS domain, min(s.arrived_at) AS first_seen,
           max(s.arrived_at) AS last_seen, count(*) AS posts
    FROM added JOIN {posts} s USING (topic, kafka_partition, kafka_offset),
         unnest(s.links, s.domains) AS l (link, domain)
    WHERE s.attempt = ANY(%(attempts)s) AND cardinality(s.links) > 0
    GROUP BY l.link
)
INSERT INTO links AS known (link, domain, first_seen, last_seen, posts)
SELECT link, domain, first_seen, last_seen, posts FROM seen ORDER BY link
ON CONFLICT (link) DO UPDATE SET
    first_seen = least(known.first_seen, EXCLUDED.first_seen),
    last_seen = greatest(known.last_seen, EXCLUDED.last_seen),
    posts = known.posts + EXCLUDED.posts
"""
_MOVE_DEAD = """
INSERT INTO dead_letter (topic, kafka_partition, kafka_offset, stage, reason, key, value)
SELECT topic, kafka_partition, kafka_offset, stage, reason, key, value
FROM {dead} WHERE attempt = ANY(%(attempts)s)
ON CONFLICT DO NOTHING
"""
_COUNT = "SELECT count(*) FROM {table} WHERE attempt = ANY(%(attempts)s)"


class StagedRowsLost(Exception):
    """The staging tables don't hold what the tasks wrote: a crash of Postgres empties unlogged tables."""


@dataclass
class PostgresSink:
    """``ai_tweets``, ``links``, ``dead_letter`` and ``stream_commit``, under a lease."""

    settings: Settings
    lease: Lease

    def start(self) -> None:
        with connect(self.settings, autocommit=True) as connection:
            drop_leftovers(connection, self.lease.workload)
            commits.forget_old(connection, self.lease.workload)

    def committed(self) -> Positions:
        with connect(self.settings) as connection:
            return commits.committed_positions(connection, self.lease.workload)

    def has(self, batch: Batch) -> bool:
        with connect(self.settings) as connection:
            return commits.is_committed(connection, batch.workload, batch.query_id, batch.batch_id)

    def stage(self, batch: Batch) -> PostgresStage:
        stage = PostgresStage.fresh(self.settings, batch.workload, self.lease.token, batch.batch_id)
        with connect(self.settings) as connection:
            stage.create(connection)
        return stage

    def commit(self, batch: Batch, stage: PostgresStage, receipts: Sequence[Receipt]) -> None:
        """Move the batch and remember it, in one transaction that holds on to the lease.

        Raises:
            LeaseLost: another copy has taken over; nothing is written.
            StagedRowsLost: nothing is written; the batch has to be done again.
        """
        with connect(self.settings) as connection:
            self._move(connection, stage, receipts)
            commits.write_commit(
                connection,
                batch.workload,
                batch.query_id,
                batch.batch_id,
                merge(*(receipt.ends for receipt in receipts)),
                posts=sum(receipt.posts for receipt in receipts),
                dead_letters=sum(receipt.dead_letters for receipt in receipts),
            )
            stage.drop(connection)
            self.lease.fence(connection)

    def _move(
        self, connection: psycopg.Connection, stage: PostgresStage, receipts: Sequence[Receipt]
    ) -> None:
        values = {"attempts": [receipt.attempt for receipt in receipts]}
        _expect(connection, stage.posts, sum(receipt.posts for receipt in receipts), values)
        _expect(connection, stage.dead, sum(receipt.dead_letters for receipt in receipts), values)
        connection.execute(sql.SQL(MOVE_POSTS).format(posts=stage.posts), values)
        connection.execute(sql.SQL(_MOVE_DEAD).format(dead=stage.dead), values)


def _expect(
    connection: psycopg.Connection, table: sql.Identifier, wanted: int, values: dict[str, list[int]]
) -> None:
    row = connection.execute(sql.SQL(_COUNT).format(table=table), values).fetchone()
    found = row[0] if row else 0
    if found != wanted:
        raise StagedRowsLost(f"{table.as_string()} holds {found} rows of this batch, not {wanted}")
