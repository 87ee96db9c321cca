"""From messages and what became of them to results and dead letters, without a Python object per value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from include.streaming.decoding import Decoded
from include.streaming.engine.messages import POSITION_COLUMNS
from include.streaming.results import ARRIVED_AT, MESSAGE_KEY, MODEL_VERSION, BadWorkload, Results
from include.streaming.scorers.base import Scores
from include.streaming.sinks.base import DEAD


def result_rows(
    messages: pa.RecordBatch, decoded: Decoded, scores: Scores, results: Results
) -> pa.RecordBatch:
    """The rows of the messages that were scored, in the results' schema."""
    inputs, rows = decoded.inputs, decoded.rows
    columns: dict[str, Any] = dict(zip(inputs.schema.names, inputs.columns, strict=True))
    columns |= scores.outputs
    if results.derive:
        columns |= results.derive(columns)
    columns |= position(messages, rows)
    columns[ARRIVED_AT.name] = taken(messages.column("timestamp"), rows)
    if MESSAGE_KEY.name in results.schema.names:
        columns[MESSAGE_KEY.name] = taken(messages.column("key"), rows)
    columns[MODEL_VERSION] = scores.versions
    found = in_schema(columns, results.schema)
    if not scores.refused:
        return found
    return found.take(pa.array(np.delete(np.arange(len(rows)), list(scores.refused))))


def dead_letters(messages: pa.RecordBatch, refused: Mapping[int, str], stage: str) -> pa.RecordBatch:
    """The refused messages by their index, with their raw bytes (DEAD)."""
    rows = pa.array(list(refused), pa.int64())
    columns = {
        **position(messages, rows),
        "stage": [stage] * len(refused),
        "reason": list(refused.values()),
        "key": messages.column("key").take(rows),
        "value": messages.column("value").take(rows),
    }
    return in_schema(columns, DEAD)


def position(messages: pa.RecordBatch, rows: pa.Array) -> dict[str, pa.Array]:
    """The positions of some messages, as results name them."""
    return {name: taken(messages.column(column), rows) for name, column in POSITION_COLUMNS.items()}


def taken(column: pa.Array, rows: pa.Array) -> pa.Array:
    """The column at these ascending indices; itself where they are all."""
    return column if len(rows) == len(column) else column.take(rows)


def in_schema(columns: Mapping[str, Any], schema: pa.Schema) -> pa.RecordBatch:
    """The columns that a schema asks for, in its types.

    Raises:
        BadWorkload: one is missing, or its values don't fit the type.
    """
    arrays = []
    for field in schema:
        if field.name not in columns:
            known = ", ".join(columns)
            raise BadWorkload(f"nothing gives the results' column {field.name!r}; there is: {known}")
        try:
            arrays.append(_cast(columns[field.name], field.type))
        except (pa.ArrowException, TypeError) as problem:
            raise BadWorkload(
                f"the results' column {field.name!r} is no {field.type}: {problem}"
            ) from problem
    return pa.record_batch(arrays, schema=schema)


def _cast(column: Any, kind: pa.DataType) -> pa.Array:
    if not isinstance(column, pa.Array):
        return pa.array(column, kind)
    if pa.types.is_dictionary(column.type):  # versions: few texts for many rows
        return column.dictionary.cast(kind).take(column.indices)
    return column if column.type == kind else column.cast(kind)
