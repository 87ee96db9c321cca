"""Golden labels into a file that :mod:`include.datasets.golden_files` reads back: JSONL, CSV, parquet."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson

from include.datasets.golden_files import LabelFileError
from include.text.spreadsheet import guarded

COLUMNS = ("id_str", "label", "text", "annotator", "hard")
SUFFIXES = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet")
_BATCH = 1_000

LabelTuple = tuple[Any, ...]
"""A label's values in the order of COLUMNS."""


def write_labels(path: Path, rows: Iterable[LabelTuple]) -> int:
    """Write rows in the order of ``COLUMNS``; how many there were.

    Raises:
        LabelFileError: an unknown suffix.
    """
    suffix = next((known for known in SUFFIXES if path.name.lower().endswith(known)), None)
    if suffix is None:
        raise LabelFileError(f"label file {path}: the name must end in one of {', '.join(SUFFIXES)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    if suffix == ".parquet":
        return _write_parquet(path, rows)
    opener: Any = gzip.open if suffix.endswith(".gz") else open
    with opener(path, "wt", encoding="utf-8", newline="") as stream:
        return (_write_csv if suffix.startswith(".csv") else _write_jsonl)(stream, rows)


def _write_jsonl(stream: IO[str], rows: Iterable[LabelTuple]) -> int:
    written = (
        stream.write(orjson.dumps(dict(zip(COLUMNS, row, strict=True))).decode() + "\n") for row in rows
    )
    return sum(1 for _ in written)


def _write_csv(stream: IO[str], rows: Iterable[LabelTuple]) -> int:
    """Every cell is guarded against spreadsheets that run formulas. It is quoted as well, so that no line of
    a text can be taken for a row that a quote has swallowed.
    """
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    return sum(1 for _ in map(writer.writerow, (map(guarded, row) for row in rows)))


def _write_parquet(path: Path, rows: Iterable[LabelTuple]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = (pa.string(), pa.int8(), pa.string(), pa.string(), pa.bool_())
    schema = pa.schema(list(zip(COLUMNS, types, strict=True)))
    count = 0
    with pq.ParquetWriter(path, schema) as writer:
        for batch in _batches(rows):
            columns = zip(*batch, strict=True)
            arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
            count += len(batch)
    return count


def _batches(rows: Iterable[LabelTuple]) -> Iterator[list[LabelTuple]]:
    given = iter(rows)
    while batch := list(islice(given, _BATCH)):
        yield batch
