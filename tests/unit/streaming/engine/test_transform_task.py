from __future__ import annotations

import pyarrow as pa

from include.streaming.engine.transform_task import divide
from include.streaming.results import ARRIVED_AT, POSITION, Results
from include.streaming.sinks.base import DEAD
from tests.support.streaming.messages import WHEN, batch

RESULTS = Results(pa.schema([*POSITION, pa.field("y", pa.float64()), ARRIVED_AT]), "t")


def test_rows_with_a_reason_are_dead_letters_and_all_others_results() -> None:
    messages = batch([None, b"bad", None])
    columns = dict(zip(messages.schema.names, messages.columns, strict=True))
    transformed = pa.record_batch(columns | {"failed": [None, "no number", None], "y": [1.0, None, 2.0]})
    results, dead = divide(transformed, "failed", RESULTS)
    assert results.to_pylist() == [
        {"topic": "a", "kafka_partition": 0, "kafka_offset": offset, "y": y, "arrived_at": WHEN}
        for offset, y in ((10, 1.0), (12, 2.0))
    ]
    assert dead.schema == DEAD
    assert dead.to_pylist() == [
        {
            "topic": "a", "kafka_partition": 0, "kafka_offset": 11, "stage": "transform",
            "reason": "no number", "key": b"k", "value": b"bad",
        }
    ]  # fmt: skip
