from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import orjson
import pyarrow as pa

from include.streaming.engine.task import classify, ends, pass_over
from include.streaming.scorers.base import Scores
from include.streaming.sinks.base import DEAD, RESULT, Receipt
from include.workloads.ai_tweets.decoder import parse_messages

WHEN = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


class HalfScorer:
    """0.5 for each text, but refuses 'poison'."""

    def score(self, texts: Sequence[str], ids: Sequence[str] = ()) -> Scores:
        refused = {index: "no" for index, text in enumerate(texts) if "poison" in text}
        return Scores(np.full(len(texts), 0.5), np.full(len(texts), 3, np.int32), refused)

    def ready(self) -> None: ...


def batch(
    values: Sequence[bytes | None], topic: str = "a", partition: int = 0, first: int = 10
) -> pa.RecordBatch:
    count = len(values)
    return pa.record_batch(
        {
            "topic": [topic] * count,
            "partition": pa.array([partition] * count, pa.int32()),
            "offset": pa.array(range(first, first + count), pa.int64()),
            "timestamp": pa.array([WHEN] * count, pa.timestamp("us", "UTC")),
            "key": pa.array([b"k"] * count, pa.binary()),
            "value": pa.array(values, pa.binary()),
        }
    )


def post(number: int, text: str) -> bytes:
    return orjson.dumps({"id_str": str(number), "text": text})


def test_every_message_ends_in_one_of_the_two_once() -> None:
    values = [post(1, "x https://a.example/b"), b"{", None, post(4, "poison"), post(5, "\u65e5\u672c")]
    receipt = Receipt(1)
    results, dead = classify(batch(values), HalfScorer(), receipt)
    assert results.schema == RESULT
    assert dead.schema == DEAD
    assert results.column("kafka_offset").to_pylist() == [10, 14]
    assert results.column("links").to_pylist() == [["https://a.example/b"], []]
    assert results.column("domains").to_pylist() == [["a.example"], []]
    assert results.column("arrived_at").to_pylist() == [WHEN, WHEN]
    assert results.column("model_version").to_pylist() == [3, 3]
    columns = ("kafka_offset", "stage", "reason", "value")
    assert list(zip(*(dead.column(c).to_pylist() for c in columns), strict=True)) == [
        (11, "parse", "not JSON", b"{"),
        (12, "parse", "empty", None),
        (13, "score", "no", values[3]),
    ]
    assert receipt.model_version == 3


def test_a_batch_of_nothing_but_rubbish_asks_no_model() -> None:
    results, dead = classify(batch([b"{", b"[]"]), HalfScorer(), Receipt(1))
    assert (results.num_rows, dead.num_rows) == (0, 2)


def test_messages_before_the_committed_positions_are_passed_over() -> None:
    messages = batch([post(n, "x") for n in range(5)])
    assert pass_over(messages, {"a": {0: 12}, "b": {0: 99}}).column("offset").to_pylist() == [12, 13, 14]
    assert pass_over(messages, {"a": {1: 99}}).num_rows == 5
    assert ends(messages) == {"a": {0: 15}}
    assert ends(messages.slice(0, 0)) == {}


def test_an_id_that_no_index_takes_is_a_dead_letter() -> None:
    assert parse_messages([orjson.dumps({"id_str": "9" * 3000, "text": "x"})]).refused.keys() == {0}
