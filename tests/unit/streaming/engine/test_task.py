"""From messages to results and dead letters, by the workload ``ai_tweets``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pytest

from include.settings import Settings
from include.streaming.engine import task
from include.streaming.engine.task import ScoreTask, process
from include.streaming.registry import workload_named
from include.streaming.scorers.plan import ScorerPlan
from include.streaming.scorers.traffic_split import TrafficSplit
from include.streaming.sinks.base import DEAD, Receipt
from include.streaming.traffic_shares import share_of
from include.streaming.workload import Route
from include.workloads.ai_tweets.results import SCHEMA
from tests.support.streaming.messages import WHEN, batch, post
from tests.support.streaming.scorers import FixedScorer

WORKLOAD = workload_named("ai_tweets", Settings(_env_file=None))
ONE = TrafficSplit((FixedScorer(),), (1.0,))
BOTH = TrafficSplit((FixedScorer(1), FixedScorer(2)), (0.2, 0.8))


def test_every_message_ends_in_one_of_the_two_once() -> None:
    values = [post(1, "x https://a.example/b"), b"{", None, post(4, "poison"), post(5, "日本")]
    receipt = Receipt(1)
    results, dead = process(batch(values), WORKLOAD, ONE, receipt)
    assert results.schema == SCHEMA
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
        (13, "score", "v3 refused it", values[3]),
    ]
    assert {name: receipt.counts[name] for name in ("rows", "dead_letters")} == {"rows": 2, "dead_letters": 3}
    assert receipt.versions == {"3": 2}
    assert receipt.counts["score_seconds"] > 0


def test_a_batch_of_nothing_readable_asks_no_model() -> None:
    receipt = Receipt(1)
    results, dead = process(batch([b"{", b"[]"]), WORKLOAD, ONE, receipt)
    assert (results.num_rows, dead.num_rows, results.schema) == (0, 2, SCHEMA)
    assert "score_seconds" not in receipt.counts


@pytest.mark.parametrize("key", ["id", None])
def test_the_declared_key_decides_which_scorer_is_asked(key: str | None) -> None:
    workload = replace(WORKLOAD, promoted=False, route=Route(key))
    keys = [f"key {number}".encode() for number in range(50)]
    messages = batch([post(number, "x") for number in range(50)], keys=keys)
    results, _ = process(messages, workload, BOTH, Receipt(1))
    by = [key.decode() for key in keys] if key is None else results.column("id").to_pylist()
    assert results.column("model_version").to_pylist() == [1 + share_of(one, (0.2, 0.8)) for one in by]


def test_what_the_workload_counts_is_in_the_receipt() -> None:
    counting = replace(WORKLOAD.results, count=lambda rows: {"links": len(rows.column("links").flatten())})
    receipt = Receipt(1, {"links": 1})
    process(batch([post(1, "https://a.example/b")]), replace(WORKLOAD, results=counting), ONE, receipt)
    assert receipt.counts["links"] == 2


@dataclass
class Kept:
    """A stage that keeps what is written."""

    written: list[tuple[pa.RecordBatch, pa.RecordBatch]] = field(default_factory=list)

    @contextmanager
    def writer(self, attempt: int) -> Iterator[Kept]:
        yield self

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        self.written.append((results, dead))


def test_a_task_passes_over_what_is_committed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "scorers_of", lambda *_: ONE)
    stage: Any = Kept()
    score = ScoreTask(settings, "ai_tweets", ScorerPlan({"tf_serving": 1.0}, {}), stage, {"a": {0: 12}})
    receipt = score.run([batch([post(n, "x") for n in range(5)]), batch([b"{"], first=15)], attempt=7)
    assert (receipt.attempt, receipt.counts["rows"], receipt.counts["dead_letters"]) == (7, 3, 1)
    offsets = [rows.column("kafka_offset").to_pylist() for rows, _ in stage.written]
    assert offsets == [[12, 13, 14], []]
