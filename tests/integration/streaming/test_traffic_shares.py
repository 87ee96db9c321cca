"""Shares by a hash that the database has as well, and the ledger of their changes."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from include.errors import UserError
from include.streaming.state.share_ledger import NoRoute, change_shares, current_shares, share_history
from include.streaming.traffic_shares import BadShares, shares_of
from include.streaming.workload import Route, Workload
from tests.unit.streaming.test_workload import declared

pytestmark = pytest.mark.stack

ROUTED = declared(route=Route(None, {"other": 0.8, "one": 0.2}))


def test_postgres_computes_the_same_share(connection: psycopg.Connection) -> None:
    keys = [str(1_246_000_000_000_000_000 + 4_194_304 * number) for number in range(500)]
    row = connection.execute(
        "SELECT array_agg(crc32(convert_to(id, 'UTF8')) < 0.2 * 4294967296 ORDER BY n)"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS ids (id, n)", [keys],
    ).fetchone()  # fmt: skip
    assert row is not None
    assert row[0] == (shares_of([key.encode() for key in keys], (0.2, 0.8)) == 0).tolist()


def test_the_declared_shares_count_until_somebody_changes_them(connection: psycopg.Connection) -> None:
    assert list(current_shares(connection, ROUTED).items()) == [("one", 0.2), ("other", 0.8)]
    change_shares(connection, ROUTED, {"other": 0.3, "one": 0.7}, changed_by="ann", reason="a trial")
    assert list(current_shares(connection, ROUTED).items()) == [("one", 0.7), ("other", 0.3)]
    change_shares(connection, ROUTED, {"one": 1}, changed_by=" ann ", reason="it did well")
    assert current_shares(connection, ROUTED) == {"one": 1, "other": 0}
    history = [(one.changed_by, one.reason, one.shares) for one in share_history(connection, "w")]
    assert history == [
        ("ann", "it did well", {"one": 1, "other": 0}),
        ("ann", "a trial", {"one": 0.7, "other": 0.3}),
    ]


@pytest.mark.parametrize(
    ("workload", "shares", "who", "why", "problem"),
    [
        (declared(), {"one": 1}, "ann", "x", NoRoute),
        (ROUTED, {"one": 0.5, "nobody": 0.5}, "ann", "x", BadShares),
        (ROUTED, {"one": 0.5}, "ann", "x", BadShares),
        (ROUTED, {"one": -0.5, "other": 1.5}, "ann", "x", BadShares),
        (ROUTED, {"one": 1}, " ", "x", UserError),
        (ROUTED, {"one": 1}, "ann", "", UserError),
    ],
)
def test_a_change_that_is_none_is_refused(
    workload: Workload, shares: Any, who: str, why: str, problem: type, connection: psycopg.Connection
) -> None:
    with pytest.raises(problem):
        change_shares(connection, workload, shares, changed_by=who, reason=why)
    assert share_history(connection, "w") == []


def test_the_ledger_is_append_only(connection: psycopg.Connection) -> None:
    change_shares(connection, ROUTED, {"one": 1}, changed_by="ann", reason="x")
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute("UPDATE traffic_share SET reason = 'y'")


def test_shares_for_a_scorer_that_is_no_longer_declared_are_an_error(connection: psycopg.Connection) -> None:
    change_shares(connection, ROUTED, {"one": 0.5, "other": 0.5}, changed_by="ann", reason="x")
    fewer = declared(scorers={"one": ROUTED.scorers["one"]}, route=Route(None, {"one": 1.0}))
    with pytest.raises(BadShares, match="scorer other of w is none of: one"):
        current_shares(connection, fewer)
