from __future__ import annotations

from include.streaming.sinks.base import RESULT
from include.streaming.sinks.files import CSV, with_json


def test_csv_has_the_columns_of_a_result_with_lists_as_json() -> None:
    row = dict.fromkeys(RESULT.names) | {
        "links": ["https://a.example/b", 'q"'],
        "domains": [],
        "hashtags": ["AI"],
    }
    import pyarrow as pa

    found = with_json(pa.RecordBatch.from_pylist([row], schema=RESULT))
    assert found.schema == CSV
    assert found.column("links").to_pylist() == ['["https://a.example/b","q\\""]']
    assert (found.column("domains")[0].as_py(), found.column("hashtags")[0].as_py()) == ("[]", '["AI"]')
