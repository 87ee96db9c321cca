"""A row for each event: what the model said, and which class was kept. They go to parquet files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from include.streaming.results import ARRIVED_AT, MODEL_VERSION, POSITION, Results
from include.workloads.higgs.base.events import LABELS

SCHEMA = pa.schema(
    [
        *POSITION,
        pa.field("event_id", pa.int64()),
        pa.field("kept_class", pa.string()),
        *(pa.field(label, pa.float32()) for label in LABELS),
        pa.field("l2_norm", pa.float64()),
        pa.field(MODEL_VERSION, pa.int32()),
        ARRIVED_AT,
    ]
)


def derive(columns: Mapping[str, pa.Array]) -> Mapping[str, Any]:
    """The kept class by its name.

    >>> derive({"kept_number": pa.array([1, 0])})["kept_class"].to_pylist()
    ['signal', 'background']
    """
    numbers = columns["kept_number"].cast(pa.int32())
    return {"kept_class": pa.DictionaryArray.from_arrays(numbers, pa.array(LABELS))}


def count(rows: pa.RecordBatch) -> Mapping[str, int]:
    """Events of a batch by the class that was kept; the counts are kept with each commit."""
    found = {
        entry["values"]: entry["counts"] for entry in pc.value_counts(rows.column("kept_class")).to_pylist()
    }
    return {label: found.get(label, 0) for label in LABELS}


RESULTS = Results(SCHEMA, "higgs", derive=derive, count=count)
