"""What a task does with its share of a batch: decode, score, write, and report what it wrote."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from include.infra.kafka.offsets import Positions
from include.settings import Settings
from include.streaming.decoding import Decoded
from include.streaming.engine.messages import pass_over
from include.streaming.engine.rows import dead_letters, result_rows, taken
from include.streaming.registry import workload_named
from include.streaming.scorers.factory import scorers_of
from include.streaming.scorers.plan import ScorerPlan
from include.streaming.scorers.traffic_split import TrafficSplit
from include.streaming.sinks.base import Receipt, Stage
from include.streaming.workload import Route, Workload


class Task(Protocol):
    """What a process does with its share of a batch. It travels there, and needs no Spark."""

    def run(self, batches: Iterable[pa.RecordBatch], attempt: int) -> Receipt:
        """Process the batches; the receipt of all of them."""


@dataclass(frozen=True)
class ScoreTask:
    """The task of a workload with scorers.

    Attributes:
        workload: its name; each process finds the declaration by itself.
        committed: messages before these positions are in the sinks and are passed over.
    """

    settings: Settings
    workload: str
    plan: ScorerPlan
    stage: Stage
    committed: Positions = field(default_factory=dict)

    def run(self, batches: Iterable[pa.RecordBatch], attempt: int) -> Receipt:
        """Process batches of messages (MESSAGES); the receipt of all of them."""
        workload, receipt = workload_named(self.workload, self.settings), Receipt(attempt)
        scorers = scorers_of(workload, self.plan, self.settings)
        with self.stage.writer(attempt) as writer:
            for batch in batches:
                results, dead = process(pass_over(batch, self.committed), workload, scorers, receipt)
                writer.write(results, dead)
        return receipt


def process(
    messages: pa.RecordBatch, workload: Workload, scorers: TrafficSplit, receipt: Receipt
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Results and dead letters (DEAD) of a batch: together, each message once. The receipt is added to."""
    assert workload.decode is not None
    found = workload.decode(messages.column("value"))
    results = pa.RecordBatch.from_pylist([], workload.results.schema)
    dead = dead_letters(messages, found.refused, "parse")
    if found.inputs.num_rows:
        started = time.perf_counter()
        scores = scorers.score(found.inputs, keys_of(messages, found, workload.route))
        receipt.add({"score_seconds": time.perf_counter() - started})
        count_versions(scores.versions, receipt)
        results = result_rows(messages, found, scores, workload.results)
        refused = {found.rows[index].as_py(): reason for index, reason in scores.refused.items()}
        dead = pa.concat_batches([dead, dead_letters(messages, refused, "score")])
    count(results, dead, workload, receipt)
    return results, dead


def keys_of(messages: pa.RecordBatch, found: Decoded, route: Route | None) -> pa.Array:
    """The keys that share the rows out among scorers: text or binary [n]."""
    if route is None or route.key is None:
        return taken(messages.column("key"), found.rows)
    return found.inputs.column(route.key)


def count(results: pa.RecordBatch, dead: pa.RecordBatch, workload: Workload, receipt: Receipt) -> None:
    """Add rows, dead letters and what the workload counts."""
    receipt.add({"rows": results.num_rows, "dead_letters": dead.num_rows})
    if workload.results.count and results.num_rows:
        receipt.add(workload.results.count(results))


def count_versions(versions: pa.Array, receipt: Receipt) -> None:
    """Add the rows by the version that answered."""
    for entry in pc.value_counts(versions.drop_null()):
        name, rows = entry["values"].as_py(), entry["counts"].as_py()
        receipt.versions[name] = receipt.versions.get(name, 0) + rows
