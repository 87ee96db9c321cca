"""What passes between the engine and the sinks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Generic, Protocol, TypeVar

import pyarrow as pa

from include.streaming.results import POSITION

DEAD = pa.schema(
    [
        *POSITION,
        pa.field("stage", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("key", pa.binary()),
        pa.field("value", pa.binary()),
    ]
)
"""A message that can't be processed, whole."""


MOST_REPORTS = 100
"""Different errors of sources that are kept of a task and of a batch: more than are alerted one by one."""

LONGEST_REPORT = 200
"""Characters of one that are kept."""


@dataclass(frozen=True)
class Batch:
    """A micro-batch by its names, which are the same when it is processed again."""

    workload: str
    query_id: str
    batch_id: int


@dataclass
class Receipt:
    """What one task wrote: a sink takes over nothing that no receipt vouches for.

    Attributes:
        attempt: number of the task attempt, so that rows of an attempt that failed later stay out.
        counts: ``rows``, ``dead_letters``, ``score_seconds``, and whatever the workload counts.
        versions: rows by the version that answered.
        reports: messages by the error that their source reports in them; MOST_REPORTS different ones.
    """

    attempt: int
    counts: dict[str, float] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)

    def report(self, found: Mapping[str, int]) -> None:
        """Add messages by the error that their source reports. All are counted, as ``source_errors``.

        >>> receipt = Receipt(1)
        >>> receipt.report({"overheated": 2, "": 1})
        >>> receipt.reports, receipt.counts
        ({'overheated': 2, '(no text)': 1}, {'source_errors': 3})
        """
        if found:
            self.add({"source_errors": sum(found.values())})
        for text, messages in found.items():
            told = " ".join(text.replace("\0", " ").split())[:LONGEST_REPORT] or "(no text)"
            if told in self.reports or len(self.reports) < MOST_REPORTS:
                self.reports[told] = self.reports.get(told, 0) + messages

    def add(self, counts: Mapping[str, float]) -> None:
        """Add to the counts, by name."""
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, value: str) -> Receipt:
        """
        >>> Receipt.from_json(Receipt(3, {"rows": 5}).to_json())
        Receipt(attempt=3, counts={'rows': 5}, versions={}, reports={})
        """
        return cls(**json.loads(value))


def total_counts(receipts: Sequence[Receipt]) -> dict[str, float]:
    """The sums of all counts by name.

    >>> total_counts([Receipt(1, {"rows": 2}), Receipt(2, {"rows": 3, "signals": 1})])
    {'rows': 5, 'signals': 1}
    """
    summed = Receipt(0)
    for receipt in receipts:
        summed.add(receipt.counts)
    return summed.counts


def total_reports(receipts: Sequence[Receipt]) -> dict[str, int]:
    """Messages by the error that their source reports, in all receipts.

    >>> total_reports([Receipt(1, reports={"hot": 2}), Receipt(2, reports={"hot": 1, "wet": 1})])
    {'hot': 3, 'wet': 1}
    """
    summed = Receipt(0)
    for receipt in receipts:
        summed.report(receipt.reports)
    return summed.reports


class TaskWriter(Protocol):
    """One task's way into a sink; a context manager that finishes at its end."""

    def write(self, results: pa.RecordBatch, dead: pa.RecordBatch) -> None:
        """Append results (in the workload's schema) and dead letters (DEAD)."""


class Stage(Protocol):
    """A batch's landing place. It travels to the processes that run tasks."""

    def writer(self, attempt: int) -> AbstractContextManager[TaskWriter]:
        """The writer of one task attempt."""


StageType = TypeVar("StageType", bound=Stage)


class ResultSink(Generic[StageType]):
    """A place outside the main database where results go as well, or instead.

    A batch may be published any number of times, until its commit in the main database is done.
    """

    def start(self) -> None:
        """Create what is missing, and remove or finish what an earlier run left undone."""

    def stage(self, batch: Batch) -> StageType:
        """A fresh landing place for the batch."""
        raise NotImplementedError

    def publish(self, batch: Batch, stage: StageType, receipts: Sequence[Receipt]) -> None:
        """Take over what the receipts vouch for; called before the commit, while nobody else can commit."""

    def finish(self, batch: Batch, stage: StageType) -> None:
        """The commit is done."""
