"""Files of golden labels, read and written row by row: JSONL, CSV (both gz or not) and parquet."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import UserError

COLUMNS = ("id_str", "label", "text", "annotator", "hard")
SUFFIXES = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet")
_BATCH = 1_000
_LABELS = {"0": 0, "1": 1}
_TRUTHS = {"": False, "false": False, "0": False, "true": True, "1": True}


class LabelFileError(UserError):
    """A label file that can't be read at all; the message names the file."""


class LabelRow(NamedTuple):
    """One golden label of a file, and its line there (row number in parquet)."""

    line: int
    id: str
    label: int
    text: str | None
    annotator: str | None
    hard: bool


class BadRow(NamedTuple):
    """A line that holds no label, and why."""

    line: int
    reason: str


def read_labels(path: Path) -> Iterator[LabelRow | BadRow]:
    """Rows of a label file, broken ones among them as ``BadRow``.

    Raises:
        LabelFileError: no such file, an unknown suffix, or a file that is not of its suffix's format.
    """
    if not path.is_file():
        raise LabelFileError(f"label file {path}: no such file")
    try:
        for line, row in _rows(path):
            yield row if isinstance(row, BadRow) else _label(line, row)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, pa.ArrowInvalid) as error:
        raise LabelFileError(f"label file {path} can't be read as {_suffix(path)}: {error}") from error


def read_labelled_texts(path: Path) -> tuple[list[str], np.ndarray]:
    """All texts of a label file and their labels, bool[n], for those who need every row to be good.

    Raises:
        LabelFileError: as ``read_labels``; and naming the line of the first row that is broken or has
            no text, or where the file holds no label at all.
    """
    texts, labels = [], []
    for row in read_labels(path):
        if isinstance(row, BadRow):
            raise LabelFileError(f"{path}, line {row.line}: {row.reason}")
        if row.text is None:
            raise LabelFileError(f"{path}, line {row.line}: the column text is missing or empty")
        texts.append(row.text)
        labels.append(row.label == 1)
    if not texts:
        raise LabelFileError(f"label file {path} holds no labelled post")
    return texts, np.array(labels)


def write_labels(path: Path, rows: Iterable[tuple[Any, ...]]) -> int:
    """Write rows in the order of ``COLUMNS``; how many there were.

    Raises:
        LabelFileError: an unknown suffix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix = _suffix(path)
    if suffix == ".parquet":
        return _write_parquet(path, rows)
    count = 0
    with _open(path, "wt") as stream:
        writer = csv.writer(stream)
        if suffix.startswith(".csv"):
            writer.writerow(COLUMNS)
        for row in rows:
            if suffix.startswith(".csv"):
                writer.writerow(row)
            else:
                stream.write(orjson.dumps(dict(zip(COLUMNS, row, strict=True))).decode() + "\n")
            count += 1
    return count


def _suffix(path: Path) -> str:
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return suffix
    raise LabelFileError(f"label file {path}: the name must end in one of {', '.join(SUFFIXES)}")


def _open(path: Path, mode: str) -> IO[str]:
    opener: Any = gzip.open if path.name.lower().endswith(".gz") else open
    return opener(path, mode, encoding="utf-8", newline="")


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
    """Lines as dictionaries, whatever they hold."""
    suffix = _suffix(path)
    if suffix == ".parquet":
        yield from _parquet_rows(path)
        return
    with _open(path, "rt") as stream:
        if suffix.startswith(".csv"):
            reader = csv.DictReader(stream)
            if not {"id_str", "label"} <= set(reader.fieldnames or ()):
                raise LabelFileError(f"label file {path}: its first line must name id_str and label")
            for row in reader:
                yield reader.line_num, row
            return
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, _object(number, line)


def _object(number: int, line: str) -> dict[str, Any] | BadRow:
    try:
        parsed = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return BadRow(number, f"not JSON: {error}")
    return parsed if isinstance(parsed, dict) else BadRow(number, "not a JSON object")


def _parquet_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    with pq.ParquetFile(path) as file:
        if not {"id_str", "label"} <= set(file.schema_arrow.names):
            raise LabelFileError(f"label file {path}: it needs the columns id_str and label")
        wanted = [name for name in COLUMNS if name in file.schema_arrow.names]
        for batch in file.iter_batches(_BATCH, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                yield number, row


def _label(line: int, row: dict[str, Any]) -> LabelRow | BadRow:
    """Check one row: an id, a label of exactly two values, and text that Postgres can hold."""
    post_id, label, text = row.get("id_str"), row.get("label"), row.get("text") or None
    if not isinstance(post_id, str | int) or isinstance(post_id, bool) or not str(post_id).strip():
        return BadRow(line, "no id_str")
    if isinstance(label, bool) or str(label).strip() not in _LABELS:
        return BadRow(line, f"label {label!r} of id_str {post_id!r} is neither 0 nor 1")
    annotator = row.get("annotator") or None
    if not all(value is None or isinstance(value, str) for value in (text, annotator)):
        return BadRow(line, f"text and annotator of id_str {post_id!r} must be strings")
    if any(value and not _storable(value) for value in (str(post_id), text, annotator)):
        return BadRow(line, "holds U+0000 or half a surrogate pair, which no database text can")
    hard = _TRUTHS.get(str(row.get("hard") if row.get("hard") is not None else "").strip().lower())
    if hard is None:
        return BadRow(line, f"hard {row['hard']!r} of id_str {post_id!r} is neither true nor false")
    return LabelRow(line, str(post_id).strip(), _LABELS[str(label).strip()], text, annotator, hard)


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _write_parquet(path: Path, rows: Iterable[tuple[Any, ...]]) -> int:
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


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
