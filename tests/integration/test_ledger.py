"""The ledger's table, as it grew."""

from __future__ import annotations

import psycopg
import pytest

from include.schema.shared_tables import create_shared_tables

pytestmark = pytest.mark.stack

BEFORE = """
CREATE TABLE promotion (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_name    text        NOT NULL,
    target        text        NOT NULL,
    action        text        NOT NULL CHECK (action IN ('promote', 'rollback')),
    from_version  integer,
    to_version    integer,
    outcome       text        NOT NULL
                  CHECK (outcome IN ('promoted', 'rolled_back', 'refused', 'failed')),
    reason        text        NOT NULL,
    approver      text,
    evidence      jsonb       NOT NULL,
    evidence_hash text        NOT NULL,
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz NOT NULL DEFAULT now()
);
"""
INSERT = """
INSERT INTO promotion (model_name, target, action, to_version, outcome, reason, evidence, evidence_hash,
                       started_at)
VALUES ('m', 'local', 'promote', 1, %s, '', '{}', '', now()) RETURNING override
"""


def test_a_ledger_from_before_approvals_keeps_its_rows_and_takes_new_ones(
    connection: psycopg.Connection,
) -> None:
    connection.execute("CREATE SCHEMA older")
    connection.execute("SET LOCAL search_path TO older")
    connection.execute(BEFORE)
    connection.execute(INSERT.replace("RETURNING override", ""), ["promoted"])
    for _ in range(2):
        create_shared_tables(connection)
    assert connection.execute(INSERT, ["rejected"]).fetchone() == (False,)
    rows = connection.execute("SELECT outcome, override FROM promotion ORDER BY id").fetchall()
    assert rows == [("promoted", False), ("rejected", False)]
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute("UPDATE promotion SET reason = 'another'")
