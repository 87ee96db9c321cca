"""What happens to a batch, whoever runs its tasks: staged, processed, and committed beside the next one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from include.infra.kafka.admin import Broker
from include.infra.kafka.offsets import Positions, refuse_recreated
from include.settings import Settings
from include.streaming.engine.batch_lock import BatchLock
from include.streaming.engine.committer import Committer
from include.streaming.sinks.base import Batch, Receipt, total_counts
from include.streaming.sinks.batch_sink import BatchSink, BatchStage
from include.streaming.state.commits import Reached, TopicIds
from include.streaming.workload import Workload

RunTasks: TypeAlias = Callable[[BatchStage, Positions], list[Receipt]]
"""Runs a batch's tasks into its stage, passing over what is before the committed positions."""


@dataclass
class BatchRunner:
    """Processes batches one at a time; :meth:`run` returns once the batch's commit is under way.

    Nothing is caught here: a batch that fails ends the query, and is processed again at the next start.

    Attributes:
        topic_ids: Kafka's ids of the topics as the query started.
        last: the latest batch's receipts.
        seconds: how long the latest tasks and the latest commit took.
        committed: the number of batches that are committed.
        ended: when the last of them was (monotonic).
    """

    workload: Workload
    settings: Settings
    sink: BatchSink
    lock: BatchLock
    topic_ids: TopicIds
    committer: Committer = field(default_factory=Committer)
    last: list[Receipt] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    committed: int = 0
    ended: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._broker = Broker(self.settings)

    def run(self, batch: Batch, ends: Positions, run_tasks: RunTasks) -> None:
        """Process a batch, unless it is committed already.

        Args:
            ends: the positions up to which the batch was planned. They may be behind its last message: what a
                transactional producer writes ends in a record that is no message.

        Raises:
            Draining: the lock is closed.
        """
        with self.lock.held():
            if self.sink.has(batch):
                return
            stage = self.sink.stage(batch)
            started = time.monotonic()
            self.last = run_tasks(stage, self.sink.reached().positions)
            self.seconds["tasks"] = time.monotonic() - started
            self.committer.begin(partial(self._commit, batch, stage, self.last, ends))

    def _commit(self, batch: Batch, stage: BatchStage, receipts: Sequence[Receipt], ends: Positions) -> None:
        """Commit, once it is known that the batch was read from the topics that it was planned for."""
        started = time.monotonic()
        ids = self._broker.topic_ids(self.workload.topics(self.settings))
        refuse_recreated(self.topic_ids, ids)
        self.sink.commit(batch, stage, receipts, Reached(ends, ids))
        self.committed += 1
        self.ended = time.monotonic()
        self.seconds["commit"] = self.ended - started

    def details(self) -> dict[str, Any]:
        """The latest batch's counts, version and times, for its progress row."""
        counts, version = total_counts(self.last), _main_version(self.last)
        return {
            "dead_letters": counts.get("dead_letters", 0),
            "version": version,
            "model_version": int(version) if version and version.isdecimal() else None,
            "score_seconds": round(counts.get("score_seconds", 0.0), 3),
            "counts": {name: round(count, 3) for name, count in counts.items()},
            "seconds": {part: round(seconds, 3) for part, seconds in list(self.seconds.items())},
        }


def _main_version(receipts: Sequence[Receipt]) -> str | None:
    """The version that answered most rows."""
    rows: dict[str, int] = {}
    for receipt in receipts:
        for version, count in receipt.versions.items():
            rows[version] = rows.get(version, 0) + count
    return max(rows, key=rows.__getitem__, default=None)
