from __future__ import annotations

import orjson
import pyarrow as pa

from include.workloads.ai_tweets.decoder import decode
from tests.support.streaming.messages import post


def test_links_come_with_their_domains_and_rows_with_the_message_they_are_of() -> None:
    found = decode(pa.array([b"{", post(1, "https://a.example/b https://c.example/d #AI"), post(2, "x")]))
    assert found.rows.to_pylist() == [1, 2]
    assert found.inputs.column("links").to_pylist() == [["https://a.example/b", "https://c.example/d"], []]
    assert found.inputs.column("domains").to_pylist() == [["a.example", "c.example"], []]
    assert found.inputs.column("hashtags").to_pylist() == [["AI"], []]
    assert found.refused == {0: "not JSON"}


def test_an_id_that_no_index_takes_is_refused() -> None:
    assert decode(pa.array([orjson.dumps({"id_str": "9" * 3000, "text": "x"})])).refused.keys() == {0}


def test_nothing_readable_has_the_same_columns() -> None:
    empty, full = (decode(pa.array([value])).inputs for value in (b"{", post(1, "x")))
    assert empty.num_rows == 0
    assert empty.schema == full.schema
