"""The interface of a sink, and what passes between the stream and it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Protocol, TypeVar

import pyarrow as pa

from include.infra.kafka.offsets import Positions, from_json

RESULT = pa.schema(
    [
        pa.field("topic", pa.string()),
        pa.field("kafka_partition", pa.int32()),
        pa.field("kafka_offset", pa.int64()),
        pa.field("id", pa.string()),
        pa.field("created_at", pa.timestamp("us", "UTC")),
        pa.field("lang", pa.string()),
        pa.field("text", pa.string()),
        pa.field("links", pa.list_(pa.string())),
        pa.field("domains", pa.list_(pa.string())),
        pa.field("hashtags", pa.list_(pa.string())),
        pa.field("probability", pa.float64()),
        pa.field("model_version", pa.int32()),
        pa.field("arrived_at", pa.timestamp("us", "UTC")),
    ]
)
"""A classified post; ``domains`` are those of ``links``, in their order."""

DEAD = pa.schema(
    [
        pa.field("topic", pa.string()),
        pa.field("kafka_partition", pa.int32()),
        pa.field("kafka_offset", pa.int64()),
        pa.field("stage", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("key", pa.binary()),
        pa.field("value", pa.binary()),
    ]
)
"""A message that can't be classified, whole."""


@dataclass(frozen=True)
class Batch:
    """A micro-batch by its names: those of the query that Spark keeps in the checkpoint."""

    workload: str
    query_id: str
    batch_id: int


@dataclass
class Receipt:
    """What one task wrote: the sink takes nothing over that no receipt vouches for.

    ``attempt`` is Spark's task attempt id, so that rows of an attempt that failed later stay out.
    """

    attempt: int
    posts: int = 0
    dead_letters: int = 0
    ends: Positions = field(default_factory=dict)
    model_version: int | None = None
    score_seconds: float = 0.0

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, value: str) -> Receipt:
        """
        >>> Receipt.from_json(Receipt(3, ends={"a": {0: 5}}).to_json()).ends
        {'a': {0: 5}}
        """
        fields = json.loads(value)
        return cls(**fields | {"ends": from_json(fields["ends"])})


class TaskWriter(Protocol):
    """One task's way into the sink, on the executor; a context manager that commits at its end."""

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        """Append classified posts (RESULT) and dead letters (DEAD)."""


class Stage(Protocol):
    """A batch's landing place; it travels to the executors."""

    def writer(self, attempt: int) -> AbstractContextManager[TaskWriter]:
        """The writer of one task attempt."""


StageType = TypeVar("StageType", bound=Stage)


class Sink(Protocol[StageType]):
    """Takes batches exactly once."""

    def start(self) -> None:
        """Clear away what an earlier run left unfinished."""

    def committed(self) -> Positions:
        """How far in Kafka the sink has everything."""

    def has(self, batch: Batch) -> bool:
        """Whether the batch is in already."""

    def stage(self, batch: Batch) -> StageType:
        """A fresh landing place for the batch."""

    def commit(self, batch: Batch, stage: StageType, receipts: Sequence[Receipt]) -> None:
        """Take over what the receipts vouch for and remember the batch: all of it or nothing."""
