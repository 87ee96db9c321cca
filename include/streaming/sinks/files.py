"""The file sink: parquet or csv, a folder per batch that is whole or absent.

``<folder>/<query id>/<batch id>/<task attempt>.<format>``. A batch is written aside, moved into place
in one step over what an earlier try left there, and then committed in Postgres, with its dead letters.
A folder of a batch that was never committed is removed at the next start, so what lies there after a
start is what ``stream_commit`` knows, each post once.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from pyarrow import csv, parquet

from include.infra.kafka.offsets import Positions
from include.settings import Settings
from include.streaming.sinks.base import RESULT, Batch, Receipt
from include.streaming.sinks.postgres import PostgresSink
from include.streaming.sinks.postgres_staging import PostgresStage, PostgresWriter
from include.streaming.state.lease import Lease

STAGING = ".staging"
_AS_JSON = tuple(column.name for column in RESULT if pa.types.is_list(column.type))
CSV = pa.schema([pa.field(f.name, pa.string()) if f.name in _AS_JSON else f for f in RESULT])
"""CSV knows no lists: they are JSON there."""


@dataclass
class FileSink:
    """Posts into files; dead letters and positions into Postgres."""

    settings: Settings
    lease: Lease
    format: str
    folder: Path
    _ledger: PostgresSink = field(init=False)

    def __post_init__(self) -> None:
        self._ledger = PostgresSink(self.settings, self.lease, keeps_posts=False)

    def start(self) -> None:
        self._ledger.start()
        shutil.rmtree(self.folder / STAGING, ignore_errors=True)
        for folder in self.folder.glob("*/*"):
            if not self.has(Batch(self.lease.workload, folder.parent.name, int(folder.name))):
                shutil.rmtree(folder)

    def committed(self) -> Positions:
        return self._ledger.committed()

    def has(self, batch: Batch) -> bool:
        return self._ledger.has(batch)

    def stage(self, batch: Batch) -> FileStage:
        letters = self._ledger.stage(batch)
        staged = self.folder / STAGING / letters.name
        staged.mkdir(parents=True)
        return FileStage(letters, staged, self.format)

    def commit(self, batch: Batch, stage: FileStage, receipts: Sequence[Receipt]) -> None:
        """Put the batch's folder into place, then remember the batch.

        Raises:
            LeaseLost: another copy has taken over; the folder is removed when that one starts anew.
        """
        wanted = {stage.file(receipt.attempt) for receipt in receipts}
        for file in set(stage.folder.iterdir()) - wanted:
            file.unlink()
        place = self.folder / batch.query_id / str(batch.batch_id)
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(exist_ok=True)
        stage.folder.rename(place)
        self._ledger.commit(batch, stage.letters, receipts)


@dataclass(frozen=True)
class FileStage:
    """A folder for the tasks' files beside the staging tables for dead letters."""

    letters: PostgresStage
    folder: Path
    format: str

    def file(self, attempt: int) -> Path:
        return self.folder / f"{attempt}.{self.format}"

    @contextmanager
    def writer(self, attempt: int) -> Iterator[FileWriter]:
        with self.letters.writer(attempt) as letters:
            writer = FileWriter(self, attempt, letters)
            yield writer
            writer.close()


@dataclass
class FileWriter:
    """One task's file; there is none where there are no posts."""

    stage: FileStage
    attempt: int
    letters: PostgresWriter
    _file: Any = None

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        self.letters.write(results.slice(0, 0), dead)
        if not results.num_rows:
            return
        if self._file is None:
            self._file = self._open()
        self._file.write(with_json(results) if self.stage.format == "csv" else results)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _open(self) -> Any:
        file = self.stage.file(self.attempt)
        return csv.CSVWriter(file, CSV) if self.stage.format == "csv" else parquet.ParquetWriter(file, RESULT)


def with_json(results: pa.RecordBatch) -> pa.RecordBatch:
    """Lists as JSON."""
    columns = [
        pa.array([orjson.dumps(items).decode() for items in column.to_pylist()], pa.string())
        if name in _AS_JSON
        else column
        for name, column in zip(results.schema.names, results.columns, strict=True)
    ]
    return pa.record_batch(columns, schema=CSV)
