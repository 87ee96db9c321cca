"""The binary COPY built by hand, against what Postgres reads of it, for every type that it takes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from include.infra.postgres.copy_binary import HEADER, TRAILER, copy_binary
from include.streaming.sinks.postgres_types import postgres_type

pytestmark = pytest.mark.stack

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


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
WHOLE = {bits: st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (16, 32, 64)}
FIELDS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), TEXTS),
    "bytes": (pa.binary(), st.binary(max_size=20)),
    "truth": (pa.bool_(), st.booleans()),
    "small": (pa.int16(), WHOLE[16]),
    "whole": (pa.int32(), WHOLE[32]),
    "big": (pa.int64(), WHOLE[64]),
    "single": (pa.float32(), st.floats(width=32, allow_nan=False)),
    "double": (pa.float64(), st.floats(allow_nan=False)),
    "day": (pa.date32(), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    "at": (
        pa.timestamp("us", "UTC"),
        st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
    ),
    "texts": (pa.list_(pa.string()), st.lists(TEXTS, max_size=4)),
    "truths": (pa.list_(pa.bool_()), st.lists(st.booleans(), max_size=4)),
    "numbers": (pa.list_(pa.int64()), st.lists(WHOLE[64], max_size=4)),
    "vector": (
        pa.list_(pa.float32(), 2),
        st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=2),
    ),
}
SCHEMA = pa.schema([pa.field(name, kind) for name, (kind, _) in FIELDS.items()])
_DOUBLES = {"single": "single::double precision", "vector": "vector::double precision[]"}
_SELECTED = sql.SQL(", ").join(sql.SQL(_DOUBLES.get(name, name)) for name in FIELDS)
ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | values for name, (_, values) in FIELDS.items()}), max_size=6
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_any_rows_are_read_back_as_they_were(
    connection: psycopg.Connection, rows: list[dict[str, Any]]
) -> None:
    columns: Any = ", ".join(f"{field.name} {postgres_type(field)}" for field in SCHEMA)
    connection.execute(
        sql.SQL("CREATE TEMP TABLE IF NOT EXISTS any_rows (n serial, {})").format(sql.SQL(columns))
    )
    connection.execute("TRUNCATE any_rows")
    batch = pa.RecordBatch.from_pylist(rows, schema=SCHEMA)
    names = sql.SQL(", ").join(map(sql.Identifier, FIELDS))
    statement = sql.SQL("COPY any_rows ({}) FROM STDIN (FORMAT binary)").format(names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in (HEADER, *copy_binary(batch), TRAILER):
            copy.write(part)
    # As doubles: of a float4, text has only the digits that tell it from the next one.
    found = connection.execute(sql.SQL("SELECT {} FROM any_rows ORDER BY n").format(_SELECTED)).fetchall()
    assert found == [tuple(row[name] for name in FIELDS) for row in rows]
