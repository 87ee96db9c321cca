"""What is asked every few seconds reads no table from end to end, and few rows, however much there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
import pytest

from include.dashboard import health, trends
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.monitor import snapshot
from include.streaming.monitor.snapshot import take_snapshot
from include.streaming.state.commits import reached

pytestmark = pytest.mark.stack

ROWS, BEHIND, IDLE = 60_000, "plan_test_behind", "plan_test_idle"
"""A stream that has been behind as long as its rows are kept, and one that has had nothing to do."""

VALUES = {"window": 300, "most": 100_001, "since": None, "overlap": 120}
BIG = {"stream_progress", "stream_commit", "dead_letter"}


@pytest.fixture(scope="module")
def years(database: Settings) -> Iterator[psycopg.Connection]:
    with connect(database, autocommit=True) as connection:
        for workload, lag, posts in ((BEHIND, 5, 0), (IDLE, 0, 0)):
            values = {"workload": workload, "lag": lag, "posts": posts, "rows": ROWS}
            connection.execute(
                "INSERT INTO stream_progress (workload, query_id, run_id, batch_id, posts, lag, created_at)"
                " SELECT %(workload)s, 'q', 'r', n, %(posts)s, %(lag)s, now()"
                " - (%(rows)s - n) * interval '5 s' FROM generate_series(1, %(rows)s) AS n",
                values,
            )
            connection.execute(
                "INSERT INTO stream_commit (workload, query_id, batch_id, end_offsets, posts, dead_letters,"
                " committed_at) SELECT %(workload)s, 'q', n, '{\"t\": {\"0\": 5}}', %(posts)s, 0,"
                " now() - (%(rows)s - n) * interval '5 s' FROM generate_series(1, %(rows)s) AS n",
                values,
            )
            connection.execute(
                "INSERT INTO dead_letter (workload, topic, kafka_partition, kafka_offset, stage, reason,"
                " value, created_at) SELECT %(workload)s, 't', 0, n, 'parse', 'bad ' || n %% 9, %(value)s,"
                " now() - n * interval '1 min' FROM generate_series(1, 10000) AS n",
                values | {"value": b"x" * 1_000},
            )
        connection.execute("VACUUM ANALYZE stream_progress, stream_commit, dead_letter")
        yield connection
        for table in BIG:
            connection.execute(f"DELETE FROM {table} WHERE workload IN (%s, %s)", [BEHIND, IDLE])  # noqa: S608


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def plan_of(connection: psycopg.Connection, query: LiteralString, workload: str) -> list[dict[str, Any]]:
    found = connection.execute(
        "EXPLAIN (ANALYZE, FORMAT JSON) " + query, {**VALUES, "workload": workload}
    ).fetchone()
    assert found is not None
    return list(nodes(found[0][0]["Plan"]))


@pytest.mark.parametrize("workload", [BEHIND, IDLE, "plan_test_never_ran"])
@pytest.mark.parametrize(
    "query",
    [snapshot._SNAPSHOT, snapshot._REPORTS, health._STATUS],
    ids=["monitor", "errors of sources", "dashboard"],
)
def test_the_state_of_a_stream_is_read_by_indexes(
    years: psycopg.Connection, query: LiteralString, workload: str
) -> None:
    asked = plan_of(years, query, workload)
    for node in asked:
        if node.get("Relation Name") in BIG and node["Relation Name"] != "dead_letter":
            assert node["Node Type"] != "Seq Scan", node
            read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            assert read < 200, node


def test_dead_letters_are_counted_without_their_bytes(years: psycopg.Connection) -> None:
    for query in (health._STATUS, trends._REASONS):
        scans = [node for node in plan_of(years, query, IDLE) if node.get("Relation Name") == "dead_letter"]
        assert [node["Node Type"] for node in scans] == ["Index Only Scan"]
        assert scans[0]["Actual Rows"] <= 100_001


def test_where_a_stream_goes_on_is_read_by_an_index(years: psycopg.Connection) -> None:
    query: LiteralString = (
        "SELECT end_offsets FROM stream_commit WHERE workload = %(workload)s ORDER BY id DESC LIMIT 1"
    )
    assert all(node["Node Type"] != "Seq Scan" for node in plan_of(years, query, "plan_test_never_ran"))
    assert reached(years, BEHIND).positions == {"t": {0: 5}}


def test_a_stream_waits_since_the_first_row_after_it_had_nothing_to_do(years: psycopg.Connection) -> None:
    taken = take_snapshot(years, BEHIND, None, datetime.now(UTC))
    assert taken.stuck == pytest.approx(taken.since_commit, abs=5)
    assert take_snapshot(years, IDLE, None, datetime.now(UTC)).stuck == 0
