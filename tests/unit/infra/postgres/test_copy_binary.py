"""The binary COPY of no rows; tests/integration holds the rest against Postgres."""

from __future__ import annotations

import pyarrow as pa

from include.infra.postgres.copy_binary import copy_binary


def test_no_rows_are_no_bytes() -> None:
    assert copy_binary(pa.record_batch({"a": pa.array([], pa.string())})) == []
