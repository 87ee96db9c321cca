"""Parquet, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from include.infra.input_files.compression import seekable
from include.infra.input_files.layout import Layout
from include.infra.input_files.location import InputFile
from include.infra.input_files.problems import BadLine, InputFileError

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 2_000


def parquet_records(file: InputFile, layout: Layout) -> Iterator[tuple[int, dict[str, Any]] | BadLine]:
    """Rows with their number, counted from 1, by the layout's names.

    Raises:
        InputFileError: the file is no readable parquet file, or its columns are not the layout's.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with seekable(file) as content:
        try:
            table = pq.ParquetFile(content)
            columns = layout.columns(file.name, table.schema_arrow.names)
            wanted = list(dict.fromkeys(columns.values()))
            number = 0
            for batch in table.iter_batches(batch_size=_BATCH, columns=wanted):
                for row in _rows(batch):
                    number += 1
                    if row is None:
                        yield BadLine(number, "not UTF-8")
                    else:
                        yield number, {name: row[column] for name, column in columns.items()}
        except pa.ArrowException as error:
            raise InputFileError(f"{file.name}: not a readable parquet file: {error}") from None


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | None]:
    """The rows of a batch; None for one with a text that is not UTF-8, which Arrow does not check."""
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        for at in range(batch.num_rows):
            try:
                yield batch.slice(at, 1).to_pylist()[0]
            except UnicodeDecodeError:
                yield None
