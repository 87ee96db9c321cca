from __future__ import annotations

import pyarrow as pa

from include.streaming.engine.transform_task import counted, divide
from include.streaming.results import ARRIVED_AT, POSITION, Results
from include.streaming.sinks.base import DEAD, LONGEST_REPORT, MOST_REPORTS, Receipt, total_reports
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


def test_what_sources_report_is_bounded_and_all_of_it_is_counted() -> None:
    """The most frequent first: what many report is kept, whatever else there is."""
    texts = [*(f"error {number}" for number in range(2 * MOST_REPORTS)), *["often"] * 5, None]
    receipt = Receipt(1)
    receipt.report(counted(pa.array(texts)))
    assert len(receipt.reports) == MOST_REPORTS
    assert receipt.reports["often"] == 5
    assert receipt.counts["source_errors"] == 2 * MOST_REPORTS + 5
    other = Receipt(2)
    other.report({"long " * LONGEST_REPORT: 1, "a\0b\nc": 1, "often": 2})
    assert [len(text) for text in other.reports] == [LONGEST_REPORT, 5, 5]
    assert total_reports([receipt, other])["often"] == 7
    assert len(total_reports([receipt, other])) == MOST_REPORTS
