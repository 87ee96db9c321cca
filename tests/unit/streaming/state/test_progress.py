from __future__ import annotations

from include.streaming.state.progress import from_spark

SPARK = {
    "id": "q", "runId": "r", "batchId": 4, "numInputRows": 10, "inputRowsPerSecond": float("nan"),
    "processedRowsPerSecond": 250.5, "durationMs": {"addBatch": 30},
    "sources": [{"endOffset": {"a": {"0": 5, "1": 9}}, "latestOffset": {"a": {"0": 8, "1": 9}}}],
}  # fmt: skip


def test_a_row_from_sparks_report() -> None:
    row = from_spark("w", SPARK, {"dead_letters": 2})
    assert (row.posts, row.lag, row.input_rate, row.process_rate) == (10, 3, None, 250.5)
    assert row.details == {"dead_letters": 2, "lag": {"a": {0: 3, 1: 0}}}


def test_a_lag_that_spark_does_not_tell_is_unknown_not_zero() -> None:
    assert (
        from_spark("w", {**SPARK, "sources": [{"endOffset": {"a": {"0": 1}}, "latestOffset": None}]}, {}).lag
        is None
    )
