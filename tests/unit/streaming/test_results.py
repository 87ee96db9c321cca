from __future__ import annotations

import pyarrow as pa
import pytest

from include.streaming.results import POSITION, BadWorkload, Results


def test_results_without_a_position_are_refused() -> None:
    with pytest.raises(BadWorkload, match="table t lack the columns topic, kafka_partition, kafka_offset"):
        Results(pa.schema([pa.field("y", pa.float64())]), "t")


def test_the_table_has_all_columns_but_those_that_only_statements_read() -> None:
    schema = pa.schema([*POSITION, pa.field("y", pa.float64()), pa.field("extra", pa.string())])
    columns = Results(schema, "t", staged_only=frozenset({"extra"})).columns
    assert columns == ("topic", "kafka_partition", "kafka_offset", "y")
