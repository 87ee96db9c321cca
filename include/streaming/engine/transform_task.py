"""The task of a workload with a transform: what the JVM made of the messages goes into the sinks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from include.infra.kafka.offsets import Positions
from include.settings import Settings
from include.streaming.engine.messages import POSITION_COLUMNS, pass_over
from include.streaming.engine.rows import in_schema
from include.streaming.engine.task import count, count_versions
from include.streaming.registry import workload_named
from include.streaming.results import ARRIVED_AT, MODEL_VERSION, Results
from include.streaming.sinks.base import DEAD, Receipt, Stage

STAGE = "transform"
"""Stage of its dead letters."""


@dataclass(frozen=True)
class TransformTask:
    """Writes rows that were computed before.

    Attributes:
        workload: its name; each process finds the declaration by itself.
        failed: the column that tells why a message can't be processed.
        reported: the column that tells what its source reports as an error of its own; None: there is none.
        committed: messages before these positions are in the sinks and are passed over.
    """

    settings: Settings
    workload: str
    failed: str
    reported: str | None
    stage: Stage
    committed: Positions = field(default_factory=dict)

    def run(self, batches: Iterable[pa.RecordBatch], attempt: int) -> Receipt:
        """Process batches of the messages' columns, ``failed`` and the results' columns."""
        workload, receipt = workload_named(self.workload, self.settings), Receipt(attempt)
        with self.stage.writer(attempt) as writer:
            for batch in batches:
                receipt.add({"messages": batch.num_rows})
                fresh = pass_over(batch, self.committed)
                if self.reported:
                    receipt.report(counted(fresh.column(self.reported)))
                results, dead = divide(fresh, self.failed, workload.results)
                if MODEL_VERSION in results.schema.names:
                    versions = results.column(MODEL_VERSION).cast(pa.string())
                    count_versions(versions, receipt)
                count(results, dead, workload, receipt)
                writer.write(results, dead)
        return receipt


def counted(texts: pa.Array) -> dict[str, int]:
    """How often each text is there, the most frequent first.

    >>> counted(pa.array(["a", None, "b", "b"]))
    {'b': 2, 'a': 1}
    """
    found = {entry["values"]: entry["counts"] for entry in pc.value_counts(texts.drop_null()).to_pylist()}
    return dict(sorted(found.items(), key=lambda entry: -entry[1]))


def divide(batch: pa.RecordBatch, failed: str, results: Results) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The rows in the results' schema, and dead letters (DEAD) for those with a reason in ``failed``."""
    good = pc.is_null(batch.column(failed))
    return _results(batch.filter(good), results), _dead(batch.filter(pc.invert(good)), failed)


def _results(batch: pa.RecordBatch, results: Results) -> pa.RecordBatch:
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    columns |= {name: columns[column] for name, column in POSITION_COLUMNS.items()}
    columns[ARRIVED_AT.name] = columns["timestamp"]
    if results.derive:
        columns |= results.derive(columns)
    return in_schema(columns, results.schema)


def _dead(batch: pa.RecordBatch, failed: str) -> pa.RecordBatch:
    columns = {name: batch.column(column) for name, column in POSITION_COLUMNS.items()}
    columns |= {"reason": batch.column(failed), "key": batch.column("key"), "value": batch.column("value")}
    return in_schema({**columns, "stage": pa.repeat(STAGE, batch.num_rows)}, DEAD)
