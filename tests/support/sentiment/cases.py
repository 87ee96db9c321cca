"""Scored messages in the tables of the workload, without a stream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

from include.streaming.sinks.results_table import create_table
from include.workloads.sentiment.results import OPEN_CASES, RESULTS

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
TOPIC = "cases"


def empty_tables(connection: psycopg.Connection) -> None:
    """The workload's tables, without rows."""
    create_table(connection, RESULTS)
    connection.execute("DELETE FROM sentiment")


def add(connection: psycopg.Connection, *rows: tuple[str, float, float], version: str = "v") -> None:
    """Text, compound and neg of messages, each of which arrives a second after the one before."""
    count = connection.execute("SELECT count(*) FROM sentiment").fetchone()
    assert count is not None
    for number, (text, compound, neg) in enumerate(rows, start=count[0]):
        connection.execute(
            "INSERT INTO sentiment VALUES (%s, 0, %s, %s, %s, %s, %s, %s, 0, %s, %s)",
            [TOPIC, number, b"%d" % number, text, compound, neg, 1 - neg, version,
             BEGAN + timedelta(seconds=number)],
        )  # fmt: skip
    new = sql.SQL("(SELECT * FROM sentiment WHERE kafka_offset >= {})").format(sql.Literal(count[0]))
    connection.execute(sql.SQL(OPEN_CASES).format(new=new))
