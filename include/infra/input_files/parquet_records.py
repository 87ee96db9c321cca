"""Parquet, a batch of rows at a time.

A file of some kilobytes can hold gigabytes: a value that is repeated stands there once, and what is all alike
packs to nothing. Values therefore stay as they are stored until their lengths are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from include.infra.input_files.compression import seekable
from include.infra.input_files.layout import Layout
from include.infra.input_files.location import InputFile
from include.infra.input_files.problems import BadLine, InputFileError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

_BATCH = 2_000
_MOST_AT_ONCE = 64 * 2**20
"""Bytes of text in rows that are made into Python's values together."""
MOST_UNPACKED = 2**30
"""Bytes that one column of a row group may have when it is unpacked, since it is unpacked as a whole."""


def parquet_records(
    file: InputFile, layout: Layout, longest: int
) -> Iterator[tuple[int, dict[str, Any]] | BadLine]:
    """Rows with their number, counted from 1, by the layout's names.

    Args:
        longest: bytes that a text may have, before its row is told as bad.

    Raises:
        InputFileError: the file is no readable parquet file, would unpack to more than can be held, or its
            columns are not the layout's.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with seekable(file) as content:
        try:
            table = pq.ParquetFile(content)
            columns = layout.columns(file.name, table.schema_arrow.names)
            wanted = list(dict.fromkeys(columns.values()))
            _refuse_huge(file, table, wanted)
            table = pq.ParquetFile(content, read_dictionary=_texts(table.schema_arrow, wanted))
            number = 0
            for batch in table.iter_batches(batch_size=_BATCH, columns=wanted):
                for row in _rows(batch, longest):
                    number += 1
                    if isinstance(row, str):
                        yield BadLine(number, row)
                    else:
                        yield number, {name: row[column] for name, column in columns.items()}
        except MemoryError:  # Arrow's is both
            raise
        except pa.ArrowException as error:
            raise InputFileError(f"{file.name}: not a readable parquet file: {error}") from None


def _texts(schema: pa.Schema, wanted: list[str]) -> list[str]:
    from pyarrow.types import is_binary, is_large_binary, is_large_string, is_string

    kinds = (is_string, is_large_string, is_binary, is_large_binary)
    return [name for name in wanted if any(is_kind(schema.field(name).type) for is_kind in kinds)]


def _refuse_huge(file: InputFile, table: pq.ParquetFile, wanted: list[str]) -> None:
    for at in range(table.metadata.num_row_groups):
        group = table.metadata.row_group(at)
        for column in map(group.column, range(group.num_columns)):
            size = column.total_uncompressed_size
            if column.path_in_schema.split(".")[0] in wanted and size > MOST_UNPACKED:
                raise InputFileError(
                    f"{file.name}: column {column.path_in_schema} of row group {at + 1} unpacks to {size} "
                    f"bytes, the most is {MOST_UNPACKED}: write the file in smaller row groups"
                )


def _rows(batch: pa.RecordBatch, longest: int) -> Iterator[dict[str, Any] | str]:
    """The rows of a batch; in place of one that can't be taken, the reason."""
    sizes = _text_bytes(batch)
    long = any(size.max(initial=0) > longest for size in sizes)
    if not long and sum(int(size.sum()) for size in sizes) <= _MOST_AT_ONCE:
        yield from _decoded(batch)
        return
    for at in range(batch.num_rows):
        if any(size[at] > longest for size in sizes):
            yield f"longer than {longest} bytes"
        else:
            yield from _decoded(batch.slice(at, 1))


def _text_bytes(batch: pa.RecordBatch) -> list[np.ndarray]:
    """Of each text column, the bytes of each row's value: int64[rows]."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = []
    for column in batch.columns:
        if isinstance(column, pa.DictionaryArray):
            each = pc.binary_length(column.dictionary).take(column.indices)
            found.append(each.fill_null(0).cast(pa.int64()).to_numpy(zero_copy_only=False))
    return found


def _decoded(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
    """Python's values; the reason for a row with a text that is not UTF-8, which Arrow does not check."""
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        for at in range(batch.num_rows):
            try:
                yield batch.slice(at, 1).to_pylist()[0]
            except UnicodeDecodeError:
                yield "not UTF-8"
