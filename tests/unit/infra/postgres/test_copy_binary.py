from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pyarrow as pa
import pytest

from include.infra.postgres.copy_binary import HEADER, TRAILER, copy_binary

NASTY = [
    "",
    "plain",
    "tab\t",
    "line\nbreak\r\n",
    "\\.",
    "a\n\\.\nb",
    "\\N",
    "NULL",
    '"quoted"',
    "{a,b}",
    "日本 🤖",
    "\\x41",
    "\x01\x7f",
]


@pytest.mark.stack
def test_postgres_reads_back_what_was_there(connection: psycopg.Connection) -> None:
    when = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    rows = [
        {"n": n, "t": text, "l": [text, *NASTY[:n]], "b": text.encode(), "f": n / 7, "i": -n, "at": when}
        for n, text in enumerate(NASTY)
    ]
    rows.append({"n": 99, "t": None, "l": None, "b": None, "f": None, "i": None, "at": None})
    rows.append({"n": 100, "t": "x", "l": [], "b": b"\x00\xff", "f": 0.1, "i": 2**31 - 1, "at": when})
    schema = pa.schema(
        [
            ("n", pa.int64()), ("t", pa.string()), ("l", pa.list_(pa.string())),
            ("b", pa.binary()), ("f", pa.float64()), ("i", pa.int32()), ("at", pa.timestamp("us", "UTC")),
        ]
    )  # fmt: skip
    connection.execute(
        "CREATE TEMP TABLE nasty (n bigint, t text, l text[], b bytea, f double precision, i integer,"
        " at timestamptz)"
    )
    batch = pa.RecordBatch.from_pylist(rows, schema=schema)
    with connection.cursor() as cursor, cursor.copy("COPY nasty FROM STDIN (FORMAT binary)") as copy:
        copy.write(HEADER)
        for part in (*copy_binary(batch.slice(0, 5)), *copy_binary(batch.slice(5))):
            copy.write(part)
        copy.write(TRAILER)
    found = connection.execute("SELECT n, t, l, b, f, i, at FROM nasty ORDER BY n").fetchall()
    assert found == [tuple(row.values()) for row in rows]


def test_no_rows_are_no_bytes() -> None:
    assert copy_binary(pa.record_batch({"a": pa.array([], pa.string())})) == []
