"""What a workload's decoder gives back, and the loop for those that read one message at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import pyarrow as pa

log = logging.getLogger(__name__)

Row = TypeVar("Row")


SOURCE_ERROR = "source error"
"""The reason with which a decoder refuses a message in which its source reports an error. The monitor asks
the workload's ``source_error`` what it reports."""


class Unreadable(ValueError):
    """A message that a decoder refuses. Its text is counted and shown: make it short and stable."""


@dataclass(frozen=True)
class Decoded:
    """The messages of one batch as a workload's inputs.

    Attributes:
        inputs: one row for each message that could be read.
        rows: int64 [n], ascending: the index in the batch of the message that each row was read from.
        refused: for each message that could not be read, its index in the batch and the reason.
    """

    inputs: pa.RecordBatch
    rows: pa.Array
    refused: dict[int, str]


Decode: TypeAlias = Callable[[pa.Array], Decoded]
"""A decoder: binary [n], the values of n messages (null: a message without one), to their inputs.

It raises nothing: what it can't read is refused, with a reason.
"""


def read_each(
    values: pa.Array, read: Callable[[bytes], Row], refusal: type[Exception] = Unreadable
) -> tuple[list[int], list[Row], dict[int, str]]:
    """Read messages one at a time; whatever one of them holds, the others are read.

    Args:
        values: binary [n].
        read: gives one message's row, or raises ``refusal``, whose text becomes the reason.

    Returns:
        Indices of the messages that were read, what ``read`` gave for each, and the reasons of the others
        by index. An empty message is refused as ``empty``; one on which ``read`` itself fails, as
        ``decoder failed``.

    >>> read_each(pa.array([b"7", b"x", None]), int, ValueError)
    ([0], [7], {1: "invalid literal for int() with base 10: b'x'", 2: 'empty'})
    """
    indices: list[int] = []
    rows: list[Row] = []
    refused: dict[int, str] = {}
    add_index, add_row = indices.append, rows.append
    for index, value in enumerate(values.to_pylist()):
        if not value:
            refused[index] = "empty"
            continue
        try:
            row = read(value)
        except refusal as problem:
            refused[index] = str(problem)
        except Exception as problem:  # noqa: BLE001 - a fault of the decoder must not stop the stream
            log.warning("the decoder failed on a message: %r", problem)
            refused[index] = f"decoder failed: {type(problem).__name__}"
        else:
            add_index(index)
            add_row(row)
    return indices, rows, refused


def decoded(rows: list[int], columns: dict[str, Any], refused: dict[int, str]) -> Decoded:
    """The result of a decoder from its columns by name: Arrow arrays, or whatever ``pyarrow.array`` takes."""
    return Decoded(pa.record_batch(columns), pa.array(rows, pa.int64()), refused)
