"""Finding the one row in a batch that a model refuses, so that the rest of the batch goes through."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from include.streaming.scorers.base import Refused, Scores


def isolate(
    inputs: pa.RecordBatch,
    ask: Callable[[pa.RecordBatch], Scores],
    types: Mapping[str, pa.DataType],
    confirm: Callable[[], None] = lambda: None,
) -> Scores:
    """Ask for all rows; where the batch is refused, for each half of it, down to single rows.

    One bad row among ``n`` costs about ``2 log2(n)`` requests. Before a row is given up, ``confirm()`` is
    called, which returns only when the model takes other rows, and the row is asked for once more.

    Args:
        types: of the outputs by name, for the rows that are refused.

    >>> def ask(inputs):
    ...     if "poison" in inputs.column("text").to_pylist():
    ...         raise Refused("bad text")
    ...     return Scores.of({"p": pa.array([0.5] * inputs.num_rows)}, "1", inputs.num_rows)
    >>> isolate(pa.record_batch({"text": ["a", "poison", "b"]}), ask, {"p": pa.float64()}).refused
    {1: 'bad text'}
    """
    try:
        return ask(inputs)
    except Refused:
        if inputs.num_rows == 1:
            confirm()
            return _last_chance(inputs, ask, types)
    middle = inputs.num_rows // 2
    halves = (inputs.slice(0, middle), inputs.slice(middle))
    return Scores.joined([isolate(half, ask, types, confirm) for half in halves])


def _last_chance(
    inputs: pa.RecordBatch, ask: Callable[[pa.RecordBatch], Scores], types: Mapping[str, pa.DataType]
) -> Scores:
    try:
        return ask(inputs)
    except Refused as refusal:
        return Scores.refusal(refusal.reason, types)
