"""How results find their columns."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from include.streaming.decoding import decoded
from include.streaming.engine.rows import result_rows
from include.streaming.results import ARRIVED_AT, POSITION, BadWorkload, Results
from include.streaming.scorers.base import Scores
from tests.support.streaming.messages import WHEN, batch


def rows(*fields: pa.Field, **options: Any) -> pa.RecordBatch:
    """Two of three messages: ``x`` from the decoder, ``y`` from the scorer."""
    results = Results(pa.schema([*POSITION, *fields]), "t", **options)
    found = decoded([0, 2], {"x": [1, 2]}, {1: "no"})
    scores = Scores.of({"y": pa.array([0.5, 0.75])}, "12", 2)
    return result_rows(batch([b"", b"", b""]), found, scores, results)


def test_a_column_comes_from_the_position_the_decoder_or_the_scorer() -> None:
    found = rows(pa.field("x", pa.int32()), pa.field("y", pa.float32()), ARRIVED_AT)
    assert found.to_pylist() == [
        {"topic": "a", "kafka_partition": 0, "kafka_offset": offset, "x": x, "y": y, "arrived_at": WHEN}
        for offset, x, y in ((10, 1, 0.5), (12, 2, 0.75))
    ]


@pytest.mark.parametrize(("kind", "version"), [(pa.string(), "12"), (pa.int32(), 12)])
def test_the_version_is_a_name_or_a_number_as_the_schema_wants(kind: pa.DataType, version: object) -> None:
    assert rows(pa.field("model_version", kind)).column("model_version").to_pylist() == [version] * 2


def test_what_is_derived_counts_more_than_what_it_is_derived_from() -> None:
    def derive(columns: Any) -> dict[str, Any]:
        return {"sum": pa.compute.add(columns["x"], columns["y"]), "x": [9, 9]}

    found = rows(pa.field("sum", pa.float64()), pa.field("x", pa.int64()), derive=derive)
    assert found.column("sum").to_pylist() == [1.5, 2.75]
    assert found.column("x").to_pylist() == [9, 9]


def test_a_column_that_nothing_gives_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(BadWorkload, match="nothing gives the results' column 'z'; there is: x, y, topic"):
        rows(pa.field("z", pa.int32()))


def test_a_column_of_another_type_is_an_error() -> None:
    with pytest.raises(BadWorkload, match="column 'x' is no list"):
        rows(pa.field("x", pa.list_(pa.string())))
