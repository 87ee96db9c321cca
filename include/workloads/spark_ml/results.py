"""A row for each message that could be read: what the source said of it, and what the model says."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from include.streaming.results import ARRIVED_AT, MODEL_VERSION, POSITION, Results
from include.workloads.spark_ml.base.row import EVENT_ID, LABELS, STATUS

SCHEMA = pa.schema(
    [
        *POSITION,
        pa.field(EVENT_ID, pa.int64()),
        pa.field(STATUS, pa.string()),
        pa.field("prediction", pa.int32()),
        pa.field("probability", pa.float64()),
        pa.field(MODEL_VERSION, pa.int32()),
        ARRIVED_AT,
    ]
)


def count(rows: pa.RecordBatch) -> Mapping[str, int]:
    """Rows of a batch by their class; the counts are kept with each commit.

    >>> count(pa.record_batch({"prediction": pa.array([1, 0, 1])}))
    {'background': 1, 'signal': 2}
    """
    signal = pc.sum(rows.column("prediction")).as_py() or 0
    return dict(zip(LABELS, (rows.num_rows - signal, signal), strict=True))


RESULTS = Results(SCHEMA, "spark_ml", count=count)
