"""The positions that are in a workload's parquet files, for the account."""

from __future__ import annotations

from pathlib import Path
from typing import LiteralString

import psycopg
import pyarrow as pa
from pyarrow import dataset
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from include.settings import Settings
from include.streaming.sink_choices import ToFiles, ToPostgres
from include.streaming.sinks.factory import files_folder
from include.streaming.sinks.files import PENDING, STAGING
from include.streaming.workload import Workload

POSITIONS = "positions_in_files"
RENAMED_SECONDS = 30.0
"""A batch's folder gets its name right after the commit."""


def only_in_files(workload: Workload, settings: Settings) -> ToFiles | None:
    """The sink to account by, where the rows are in parquet files and not in the main database."""
    sinks = workload.sinks_of(settings)
    if any(isinstance(sink, ToPostgres) for sink in sinks):
        return None
    files = (sink for sink in sinks if isinstance(sink, ToFiles) and sink.format == "parquet")
    return next(files, None)


def copy_positions(
    connection: psycopg.Connection, workload: Workload, sink: ToFiles, settings: Settings
) -> LiteralString:
    """Copy the position of every row that a reader of the files finds into a temporary table; its name."""
    found = positions(files_folder(workload, sink, settings))
    connection.execute(f"DROP TABLE IF EXISTS {POSITIONS}")
    connection.execute(
        f"CREATE TEMPORARY TABLE {POSITIONS} (topic text, kafka_partition integer, kafka_offset bigint)"
    )
    with connection.cursor().copy(f"COPY {POSITIONS} FROM STDIN") as copy:
        for row in zip(*(column.to_pylist() for column in found.columns), strict=True):
            copy.write_row(row)
    return POSITIONS


def positions(folder: Path) -> pa.Table:
    """Topic, partition and offset of every row, once no committed batch waits for its name."""
    waiting = Retrying(
        retry=retry_if_result(bool), stop=stop_after_delay(RENAMED_SECONDS), wait=wait_fixed(0.1),
        retry_error_callback=lambda _: [],
    )  # fmt: skip
    waiting(_pending, folder)
    columns = ["topic", "kafka_partition", "kafka_offset"]
    files = sorted(str(file) for file in folder.glob("*/[!_]*/*.parquet"))
    if not files:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    return dataset.dataset(files, format="parquet").to_table(columns)


def _pending(folder: Path) -> list[Path]:
    return [one for one in folder.glob(f"*/{PENDING}*") if one.parent.name != STAGING]
