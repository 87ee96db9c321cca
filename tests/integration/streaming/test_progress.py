"""The heartbeat's row."""

from __future__ import annotations

import psycopg
import pytest

from include.streaming.state.progress import Progress


@pytest.mark.stack
def test_it_is_written(connection: psycopg.Connection) -> None:
    Progress("w", "q", "r", 1, lag=3, status="waiting", details={"x": 1}).write(connection)
    found = connection.execute(
        "SELECT lag, status, details FROM stream_progress WHERE workload = 'w'"
    ).fetchone()
    assert found == (3, "waiting", {"x": 1})
