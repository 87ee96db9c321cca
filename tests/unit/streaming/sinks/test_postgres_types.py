from __future__ import annotations

import pyarrow as pa
import pytest

from include.streaming.results import BadWorkload
from include.streaming.sinks.postgres_types import postgres_type


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (pa.string(), "text"),
        (pa.float32(), "real"),
        (pa.timestamp("us", "UTC"), "timestamptz"),
        (pa.list_(pa.int32()), "integer[]"),
        (pa.list_(pa.float32(), 3), "real[]"),
    ],
)
def test_types_that_both_know(kind: pa.DataType, name: str) -> None:
    assert postgres_type(pa.field("x", kind)) == name


@pytest.mark.parametrize(
    "kind",
    [
        pa.struct([("a", pa.int32())]),
        pa.int8(),
        pa.timestamp("us"),
        pa.list_(pa.binary()),
        pa.list_(pa.date32()),
    ],
    ids=str,
)
def test_one_that_is_not_supported_is_named_with_its_field(kind: pa.DataType) -> None:
    with pytest.raises(BadWorkload, match="results field 'x' of type "):
        postgres_type(pa.field("x", kind))
