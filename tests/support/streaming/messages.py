"""Kafka messages as the engine's tasks get them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
import pyarrow as pa

from include.streaming.engine.messages import MESSAGES

WHEN = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def batch(
    values: Sequence[bytes | None],
    topic: str = "a",
    partition: int = 0,
    first: int = 10,
    keys: Sequence[bytes | None] | None = None,
) -> pa.RecordBatch:
    """Messages of one partition, from offset ``first`` on."""
    count = len(values)
    columns = [
        [topic] * count, [partition] * count, range(first, first + count), [WHEN] * count,
        keys or [b"k"] * count, values,
    ]  # fmt: skip
    arrays = [pa.array(column, field.type) for column, field in zip(columns, MESSAGES, strict=True)]
    return pa.record_batch(arrays, schema=MESSAGES)


def post(number: int, text: str) -> bytes:
    """The value of a message that holds a post."""
    return orjson.dumps({"id_str": str(number), "text": text})
