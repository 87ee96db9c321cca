"""Rows into files, a chunk at a time.

The texts of posts are untrusted, and CSV files are opened in spreadsheets: their cells are guarded
(:mod:`include.text.spreadsheet`), which the reader of dumps and labels takes off again. jsonl and parquet
hold the texts unchanged.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from include.text.spreadsheet import guarded

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
Chunks = Iterable[list[Row]]
Columns = dict[str, str]
"""Column names and the names of their types in Postgres, in order."""


def write_jsonl(path: Path, columns: Columns, chunks: Chunks) -> None:
    """One JSON object a line, gzipped; the same rows give the same bytes."""
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as file:
        for chunk in chunks:
            file.write(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in chunk))


def write_csv(path: Path, columns: Columns, chunks: Chunks) -> None:
    """A header and a line per row, after RFC 4180."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for chunk in chunks:
            writer.writerows([guarded(value) for value in row.values()] for row in chunk)


def write_parquet(path: Path, columns: Columns, chunks: Chunks) -> None:
    """Parquet, a row group per chunk, in the types of the table's columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _arrow_type(kind)) for name, kind in columns.items()])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for chunk in chunks:
            writer.write_table(pa.Table.from_pylist(chunk, schema))


def _arrow_type(kind: str) -> pa.DataType:
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "text[]": pa.list_(pa.string()),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "double precision": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    }
    return types[kind]


@dataclass(frozen=True)
class Format:
    """A file format: the suffix of its files, and the function that writes one."""

    suffix: str
    write: Callable[[Path, Columns, Chunks], None]


FORMATS = {
    "jsonl": Format("jsonl.gz", write_jsonl),
    "csv": Format("csv", write_csv),
    "parquet": Format("parquet", write_parquet),
}
