"""Arrow batches as the text form of Postgres' COPY, built column by column, without a loop over rows."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_NUMBERS_AND_TIMES = (pa.types.is_integer, pa.types.is_floating, pa.types.is_timestamp)


def copy_text(batch: pa.RecordBatch) -> bytes:
    r"""The rows in COPY's text form, each ended by a newline.

    Takes text, binary (as bytea), numbers, times and lists of text.
    Source: https://www.postgresql.org/docs/18/sql-copy.html#SQL-COPY-FILE-FORMATS

    >>> copy_text(pa.record_batch({"a": ["x\ty", None], "b": [1, 2], "c": [[], ["p", 'q"']]}))
    b'x\\ty\t1\t{}\n\\N\t2\t{"p","q\\\\""}\n'
    """
    if not batch.num_rows:
        return b""
    columns = [_column(column) for column in batch.columns]
    tab, newline = (pa.scalar(character, pa.large_string()) for character in "\t\n")
    lines = pc.binary_join_element_wise(*columns, tab, null_handling="replace", null_replacement="\\N")
    whole = pc.binary_join(pa.LargeListArray.from_arrays([0, len(lines)], lines), newline)
    return whole[0].as_py().encode() + b"\n"


def _column(column: pa.Array) -> pa.Array:
    kind = column.type
    if any(is_plain(kind) for is_plain in _NUMBERS_AND_TIMES):
        return pc.cast(column, pa.large_string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array(
            [None if v is None else "\\\\x" + v.hex() for v in column.to_pylist()], pa.large_string()
        )
    if pa.types.is_list(kind):
        column = pa.array([_array_literal(items) for items in column.to_pylist()], pa.large_string())
    return _escaped(pc.cast(column, pa.large_string()))


def _escaped(column: pa.Array) -> pa.Array:
    for character, escape in _ESCAPES:
        column = pc.replace_substring(column, character, escape)
    return column


def _array_literal(items: list[str] | None) -> str | None:
    if not items:
        return None if items is None else "{}"
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items) + "}"
