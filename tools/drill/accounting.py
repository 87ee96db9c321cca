"""The account after a fault: where every position of the input is, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from include.infra.kafka.admin import Broker
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.workload import Workload
from tools.drill.testbed.in_files import copy_positions, only_in_files
from tools.drill.testbed.messages import Sent

# Per partition, positions go from 0 to its end without a gap: a different count is a lost or doubled one.
_PLACES = sql.SQL("""
WITH everywhere AS (
    SELECT topic, kafka_partition, kafka_offset FROM {results}
    UNION ALL SELECT topic, kafka_partition, kafka_offset FROM dead_letter
    WHERE workload = {workload} AND replayed_at IS NULL
), places AS (
    SELECT count(*) AS rows FROM everywhere GROUP BY topic, kafka_partition, kafka_offset
)
SELECT (SELECT count(*) FROM {results}),
       (SELECT count(*) FROM dead_letter WHERE workload = {workload} AND replayed_at IS NULL),
       (SELECT coalesce(sum(end_offset - first_offset), 0)::bigint FROM stream_loss
        WHERE workload = {workload}),
       count(*), count(*) FILTER (WHERE rows > 1) FROM places
""")


@dataclass(frozen=True)
class Account:
    """Positions of the input, and where they are.

    Attributes:
        positions: messages in Kafka.
        sent: messages that were sent; every one of them has to be a position.
        scored, dead_letters: rows of the workload's table (or parquet files), and its dead letters.
        lost: positions that the stream has counted as deleted by Kafka before they were read.
        missing: positions in none of these.
        doubled: positions in more than one row.
        wrongly_dead: dead letters beyond the messages that were sent malformed or as errors; below 0 where
            some of those are lost.
        checks: wrong rows by the name of the workload's own check.
    """

    positions: int
    sent: int
    scored: int
    dead_letters: int
    lost: int
    missing: int
    doubled: int
    wrongly_dead: int
    checks: Mapping[str, int] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether every position is in one place, once, in the right one, and every check finds nothing."""
        wrong = (self.missing, self.doubled, self.positions - self.sent, *self.checks.values())
        return not any(wrong) and -self.lost <= self.wrongly_dead <= 0

    def as_json(self) -> dict[str, Any]:
        """The figures by name, the workload's own checks among them, and ``right``."""
        figures = {name: value for name, value in vars(self).items() if name != "checks"}
        return {**figures, **self.checks, "right": self.right}


def take(settings: Settings, workload: Workload, checks: Mapping[str, str], sent: Sent) -> Account:
    """Count everything now; meant for when every message that was sent is committed.

    Args:
        checks: name -> SQL that counts wrong rows.
    """
    ends = Broker(settings).highs(list(workload.topics(settings)))
    positions = sum(end for parts in ends.values() for end in parts.values())
    with connect(settings) as connection:
        files, table = only_in_files(workload, settings), workload.results.table
        if files is not None:
            table = copy_positions(connection, workload, files, settings)
        places = _PLACES.format(results=sql.Identifier(table), workload=sql.Literal(workload.name))
        scored, dead_letters, lost, found, doubled = _row(connection, places)
        wrong = {
            name: _row(connection, sql.SQL(cast(LiteralString, query)))[0] for name, query in checks.items()
        }
    return Account(
        positions, sent.messages, scored, dead_letters, lost, positions - found - lost, doubled,
        dead_letters - sent.dead_letters, wrong,
    )  # fmt: skip


def _row(connection: psycopg.Connection, query: sql.SQL | sql.Composed) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row
