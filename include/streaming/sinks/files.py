"""The file sink: parquet or csv, a folder per batch.

``<folder>/<query id>/<batch id>/<task attempt>.<format>``. A batch's folder is filled aside and moved to
``_<batch id>``; when the batch is committed it loses the ``_``. Readers such as Spark and pyarrow pass over
names that begin so: what they find is committed, whole, and each message once. A folder that still has the
``_`` at the next start is renamed where its batch was committed, and removed where it was not. A replay of
dead letters has folders of its own, ``<folder>/replay-<id>/``, and finishes each before it marks the letters.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import compute, csv, parquet

from include.streaming.sinks.base import Batch, Receipt, ResultSink
from include.text.spreadsheet import FORMULA, guarded

STAGING = "_staging"
PENDING = "_"
REPLAY = "replay-"


@dataclass(frozen=True)
class FileStage:
    """The folder that tasks write a batch's files into."""

    folder: Path
    format: str
    schema: pa.Schema

    def file(self, attempt: int) -> Path:
        return self.folder / f"{attempt}.{self.format}"

    @contextmanager
    def writer(self, attempt: int) -> Iterator[FileWriter]:
        writer = FileWriter(self, attempt)
        yield writer
        writer.close()


@dataclass
class FileSink(ResultSink[FileStage]):
    """Rows into files.

    Attributes:
        folder: see the module.
        schema: of the results.
        has: whether a batch of the workload is committed.
    """

    workload: str
    folder: Path
    format: str
    schema: pa.Schema
    has: Callable[[Batch], bool]

    def start(self) -> None:
        shutil.rmtree(self.folder / STAGING, ignore_errors=True)
        for pending in self.folder.glob(f"*/{PENDING}*"):
            if pending.parent.name.startswith(REPLAY):
                continue
            number = pending.name.removeprefix(PENDING)
            if self.has(Batch(self.workload, pending.parent.name, int(number))):
                pending.rename(pending.with_name(number))
            else:
                shutil.rmtree(pending)

    def stage(self, batch: Batch) -> FileStage:
        staged = self.folder / STAGING / f"{batch.query_id}-{batch.batch_id}"
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        return FileStage(staged, self.format, self.schema)

    def publish(self, batch: Batch, stage: FileStage, receipts: Sequence[Receipt]) -> None:
        wanted = {stage.file(receipt.attempt) for receipt in receipts}
        for file in set(stage.folder.iterdir()) - wanted:
            file.unlink()
        pending = self._place(batch, PENDING)
        shutil.rmtree(pending, ignore_errors=True)
        pending.parent.mkdir(exist_ok=True)
        stage.folder.rename(pending)

    def finish(self, batch: Batch, stage: FileStage) -> None:
        self._place(batch, PENDING).rename(self._place(batch))

    def _place(self, batch: Batch, prefix: str = "") -> Path:
        return self.folder / batch.query_id / f"{prefix}{batch.batch_id}"


class FileWriter:
    """One task's file; there is none where there are no rows."""

    def __init__(self, stage: FileStage, attempt: int) -> None:
        self._stage = stage
        self._path = stage.file(attempt)
        self._writer: Any = None

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        if not results.num_rows:
            return
        batch = flat(results) if self._stage.format == "csv" else results
        if self._writer is None:
            make = csv.CSVWriter if self._stage.format == "csv" else parquet.ParquetWriter
            self._writer = make(self._path, batch.schema)
        self._writer.write(batch)

    def close(self) -> None:
        """Finish the file, on the disk as well: a commit that outlives a power cut needs its rows."""
        if self._writer is not None:
            self._writer.close()
            with self._path.open("rb") as file:
                os.fsync(file.fileno())


def flat(results: pa.RecordBatch) -> pa.RecordBatch:
    """As CSV has it: lists as JSON, texts guarded against spreadsheets that run them.

    >>> flat(pa.record_batch({"a": [["x", "y"], []]})).column("a").to_pylist()
    ['["x","y"]', '[]']
    >>> flat(pa.record_batch({"a": ["=1", None, "b"]})).column("a").to_pylist()
    ["'=1", None, 'b']
    """
    columns = {
        name: _cells(column) for name, column in zip(results.schema.names, results.columns, strict=True)
    }
    return pa.record_batch(columns)


def _cells(column: pa.Array) -> pa.Array:
    if pa.types.is_nested(column.type):
        return pa.array(map(guarded, column.to_pylist()), pa.string())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return compute.replace_substring_regex(column, f"^({FORMULA})", r"'\1")
    return column
