"""The Postgres sink: one transaction moves a staged batch into its tables and remembers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.infra.kafka.offsets import Positions, merge
from include.infra.postgres.connection import connect
from include.infra.postgres.kept_connection import kept_connection
from include.settings import Settings
from include.streaming.sinks.base import Batch, Receipt
from include.streaming.sinks.postgres_staging import PostgresStage, drop_leftovers
from include.streaming.state import commits
from include.streaming.state.lease import Lease

_POSTS = """
INSERT INTO ai_tweets (topic, kafka_partition, kafka_offset, id, created_at, lang, text, links,
                       hashtags, probability, model_version, arrived_at)
SELECT topic, kafka_partition, kafka_offset, id, created_at, lang, text, links,
       hashtags, probability, model_version, arrived_at
FROM {posts} WHERE attempt = ANY(%(attempts)s)
"""
_LINKS = """
INSERT INTO links AS known (link, domain, first_seen, last_seen, posts)
SELECT l.link, min(l.domain), min(s.arrived_at), max(s.arrived_at), count(*)
FROM {new} AS s, unnest(s.links, s.domains) AS l (link, domain)
WHERE cardinality(s.links) > 0 AND attempt = ANY(%(attempts)s)
GROUP BY l.link ORDER BY l.link
ON CONFLICT (link) DO UPDATE SET
    first_seen = least(known.first_seen, EXCLUDED.first_seen),
    last_seen = greatest(known.last_seen, EXCLUDED.last_seen),
    posts = known.posts + EXCLUDED.posts
"""
MOVE_POSTS = (
    "WITH added AS ("  # noqa: S608 - made of literals
    + _POSTS
    + "ON CONFLICT DO NOTHING RETURNING topic, kafka_partition, kafka_offset), new AS ("
    "SELECT s.* FROM {posts} s JOIN added USING (topic, kafka_partition, kafka_offset))"
    + _LINKS.format(new="new")
)
"""Move staged posts of which some may be there already."""

_DEAD = """
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
    """``ai_tweets``, ``links``, ``dead_letter`` and ``stream_commit``, under a lease.

    ``keeps_posts=False``: posts go elsewhere, and only the latter two are written.
    """

    settings: Settings
    lease: Lease
    keeps_posts: bool = True

    def start(self) -> None:
        with connect(self.settings, autocommit=True) as connection:
            drop_leftovers(connection, self.lease.workload)
            commits.forget_old(connection, self.lease.workload)

    def committed(self) -> Positions:
        return commits.committed_positions(kept_connection(self.settings), self.lease.workload)

    def has(self, batch: Batch) -> bool:
        connection = kept_connection(self.settings)
        return commits.is_committed(connection, batch.workload, batch.query_id, batch.batch_id)

    def stage(self, batch: Batch) -> PostgresStage:
        stage = PostgresStage.fresh(self.settings, batch.workload, self.lease.token, batch.batch_id)
        connection = kept_connection(self.settings)
        with connection.transaction():
            stage.create(connection)
        return stage

    def commit(self, batch: Batch, stage: PostgresStage, receipts: Sequence[Receipt]) -> None:
        """Move the batch and remember it, in one transaction that holds on to the lease.

        Raises:
            LeaseLost: another copy has taken over; nothing is written.
            StagedRowsLost: nothing is written; the batch has to be done again.
        """
        connection = kept_connection(self.settings)
        with connection.transaction():
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
        posts = sum(receipt.posts for receipt in receipts) if self.keeps_posts else 0
        letters = sum(receipt.dead_letters for receipt in receipts)
        connection.execute("SET LOCAL jit = off")  # compiling such a statement takes longer than running it
        if posts:
            _expect(posts, _move_posts(connection, stage, values), stage.posts)
        if letters:
            _expect(letters, _count(connection, stage.dead, values), stage.dead)
            connection.execute(sql.SQL(_DEAD).format(dead=stage.dead), values)


def _move_posts(connection: psycopg.Connection, stage: PostgresStage, values: dict[str, list[int]]) -> int:
    """Posts and their links; returns how many posts were staged. A link counts once per post that is new,
    so that nothing counts twice.

    That a post is there already is rare: after a restore, or with positions done again under another
    query. To expect it of every row costs a fifth more, so it is only done where it has shown.
    """
    try:
        with connection.transaction():  # a savepoint
            moved = connection.execute(sql.SQL(_POSTS).format(posts=stage.posts), values).rowcount
    except psycopg.errors.UniqueViolation:
        connection.execute(sql.SQL(MOVE_POSTS).format(posts=stage.posts), values)
        return _count(connection, stage.posts, values)
    connection.execute(sql.SQL(_LINKS).format(new=stage.posts), values)
    return moved


def _count(connection: psycopg.Connection, table: sql.Identifier, values: dict[str, list[int]]) -> int:
    row = connection.execute(sql.SQL(_COUNT).format(table=table), values).fetchone()
    return row[0] if row else 0


def _expect(wanted: int, found: int, table: sql.Identifier) -> None:
    if found != wanted:
        raise StagedRowsLost(f"{table.as_string()} holds {found} rows of this batch, not {wanted}")
