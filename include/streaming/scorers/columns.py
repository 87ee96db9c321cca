"""Between Arrow columns and what models take and give: tensors and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.streaming.scorer_choices import Output
from include.streaming.scorers.base import Refused


def tensor(column: pa.Array) -> np.ndarray:
    """Values as a tensor: [n], or [n, size] of lists of a fixed size; texts as UTF-8 bytes.

    >>> tensor(pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float64(), 2))).shape
    (2, 2)
    """
    if pa.types.is_string(column.type):
        column = column.cast(pa.binary())
    if pa.types.is_fixed_size_list(column.type):
        return column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), column.type.list_size)
    return column.to_numpy(zero_copy_only=False)


def json_values(column: pa.Array) -> Any:
    """Values as orjson takes them: numbers as numpy, all else as Python's own."""
    if pa.types.is_fixed_size_list(column.type) or pa.types.is_floating(column.type):
        return np.ascontiguousarray(tensor(column))
    return column.to_pylist()


def one_row(values: Mapping[str, Any]) -> pa.RecordBatch:
    """A probe as a batch of one row."""
    return pa.RecordBatch.from_pylist([dict(values)])


def output_columns(answer: Mapping[str, Any], outputs: Sequence[Output], rows: int) -> dict[str, pa.Array]:
    """A model's outputs by name as the declared columns, ``rows`` values each.

    Raises:
        Refused: an output is missing, has another shape, or holds what is no answer.

    >>> output_columns({"p": [0.5]}, [Output("p", "probability", high=1.0)], 1)["probability"].to_pylist()
    [0.5]
    """
    return {output.target: _column(answer, output, rows) for output in outputs}


def types_of(outputs: Sequence[Output]) -> dict[str, pa.DataType]:
    """The declared columns' types by name."""
    return {output.target: output.type for output in outputs}


def _column(answer: Mapping[str, Any], output: Output, rows: int) -> pa.Array:
    try:
        column = _array(answer[output.name], output.type)
    except (KeyError, TypeError, ValueError, pa.ArrowException) as problem:
        raise _no_answer(output, f"{type(problem).__name__}: {problem}") from problem
    if len(column) != rows:
        raise _no_answer(output, f"{len(column)} values for {rows} rows")
    if column.null_count or not _within(column, output):
        raise _no_answer(output, "a value that is missing, no number, or out of bounds")
    return column


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if pa.types.is_fixed_size_list(kind):
        rows = np.asarray(values)
        if rows.ndim != 2 or rows.shape[1] != kind.list_size:
            raise ValueError(f"shape {rows.shape}")
        flat = pa.array(np.ascontiguousarray(rows).reshape(-1)).cast(kind.value_type)
        return pa.FixedSizeListArray.from_arrays(flat, kind.list_size)
    if isinstance(values, np.ndarray):
        return pa.array(values).cast(kind)
    return values.cast(kind) if isinstance(values, pa.Array) else pa.array(values, kind)


def _within(column: pa.Array, output: Output) -> bool:
    """Whether all numbers are finite and within the bounds; of other types, there is nothing to check."""
    values = column.flatten() if pa.types.is_fixed_size_list(column.type) else column
    if pa.types.is_floating(values.type) and not pc.all(pc.is_finite(values)).as_py():
        return False
    if not len(values) or (output.low is None and output.high is None):
        return True
    extremes = pc.min_max(values).as_py()
    low, high = output.low, output.high
    return (low is None or extremes["min"] >= low) and (high is None or extremes["max"] <= high)


def _no_answer(output: Output, details: str) -> Refused:
    return Refused(f"model answered no {output.target}", details)
