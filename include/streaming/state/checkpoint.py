"""Spark's checkpoint of a workload, and whether it and the committed positions tell the same story.

The committed positions in Postgres are the truth. A checkpoint is used where it is whole and would go on
exactly there; any other is put aside, and a new one starts from the committed positions.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from include.infra.kafka.offsets import Positions
from include.streaming.state.offset_log import planned_ends

KEPT_ASIDE = 3
"""Checkpoints that are kept for a person to look at."""

MAX_FILE_BYTES = 16 * 2**20
"""No file that is read here comes near this size; a larger one is damaged."""

IsCommitted = Callable[[str, int], bool]
"""Whether the sinks have a batch of a query."""

log = logging.getLogger(__name__)


class UnusableCheckpoint(Exception):
    """Why a checkpoint is put aside."""


@dataclass(frozen=True)
class SparkProgress:
    """What a checkpoint says.

    Attributes:
        query_id: of the query that it belongs to.
        done: the last batch that Spark counts as done.
        planned: the last batch that Spark has planned: ``done``, or the one after it.
    """

    query_id: str
    done: int
    planned: int


def read_progress(checkpoint: Path) -> SparkProgress | None:
    """What a checkpoint says; None where there is none, or a query has only just made it.

    Raises:
        UnusableCheckpoint: the files are not what Spark writes, or its first batch was never done: then
            there is nothing in it that the committed positions don't say better.
    """
    try:
        planned, done = _batches(checkpoint / "offsets"), _batches(checkpoint / "commits")
        if not planned and not done:
            return None
        if not done:
            raise UnusableCheckpoint("none of its batches was ever done")
        if not planned or planned[-1] not in (done[-1], done[-1] + 1) or done[-1] not in planned:
            raise UnusableCheckpoint(
                f"its last batch done is {done[-1]}, its last one planned {planned[-1] if planned else None}"
            )
        _read_commit(checkpoint / "commits" / str(done[-1]))
        return SparkProgress(_query_id(checkpoint / "metadata"), done[-1], planned[-1])
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as problem:
        raise UnusableCheckpoint(f"it can't be read: {problem!r}") from problem


def reconcile(checkpoint: Path, start: Positions, lows: Positions, is_committed: IsCommitted) -> bool:
    """Put a checkpoint aside that would not go on where it has to; whether it was.

    Such are one that is damaged; one ahead of the sinks, as after a crash during a commit, or after the
    database was restored from a backup; one behind them, as a folder restored from a backup is; and one that
    asks for messages that Kafka's retention has deleted.

    Args:
        start: where the workload has to go on.
        lows: the first position that Kafka still has, per partition.
    """
    try:
        _check(checkpoint, start, lows, is_committed)
    except UnusableCheckpoint as why:
        put_aside(checkpoint, str(why))
        return True
    return False


def put_aside(checkpoint: Path, reason: str) -> None:
    """Rename a checkpoint, for a person to look at, so that a new one is made; harmless without one."""
    if not checkpoint.exists() and not checkpoint.is_symlink():
        return
    aside = checkpoint.with_name(f"{checkpoint.name}.aside-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    checkpoint.rename(aside)
    log.warning(
        "checkpoint %s is put aside as %s: %s; the stream goes on from the positions that are committed",
        checkpoint, aside.name, reason,
    )  # fmt: skip
    for old in sorted(checkpoint.parent.glob(f"{checkpoint.name}.aside-*"))[:-KEPT_ASIDE]:
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.unlink()


def _check(checkpoint: Path, start: Positions, lows: Positions, is_committed: IsCommitted) -> None:
    progress = read_progress(checkpoint)
    if progress is None:
        if checkpoint.exists() and not checkpoint.is_dir():
            raise UnusableCheckpoint("it is no folder")
        return
    if not is_committed(progress.query_id, progress.done):
        raise UnusableCheckpoint(f"the database has no batch {progress.done} of query {progress.query_id}")
    begins = _ends(checkpoint, progress.done)
    goes_on = begins
    if progress.planned > progress.done:
        ends = _ends(checkpoint, progress.planned)
        if is_committed(progress.query_id, progress.planned):  # Spark plans it again, and it is passed over
            goes_on = ends
    _compare(begins, lows, lambda position, low: position >= low, "Kafka's retention has passed it")
    _compare(goes_on, start, lambda position, first: position == first, "it would not go on where it has to")
    for topic, parts in start.items():
        for partition, first in parts.items():
            if first > lows[topic][partition] and partition not in goes_on.get(topic, {}):
                raise UnusableCheckpoint(f"it knows nothing of {topic}[{partition}], committed up to {first}")


def _compare(
    positions: Positions, others: Positions, fits: Callable[[int, int], bool], otherwise: str
) -> None:
    """Of the partitions that both know; one that is new to the checkpoint is read from its start."""
    for topic, parts in positions.items():
        for partition, position in parts.items():
            other = others.get(topic, {}).get(partition)
            if other is not None and not fits(position, other):
                raise UnusableCheckpoint(f"{otherwise}: {topic}[{partition}] {position}, not {other}")


def _ends(checkpoint: Path, batch_id: int) -> Positions:
    try:
        return planned_ends(checkpoint, batch_id)
    except (OSError, ValueError, LookupError, RuntimeError) as problem:  # an unknown format is one of these
        raise UnusableCheckpoint(f"the plan of batch {batch_id} can't be read: {problem}") from problem


def _batches(folder: Path) -> list[int]:
    """The numbers of the batches that have a file, ascending."""
    return sorted(int(file.name) for file in folder.glob("*") if file.name.isascii() and file.name.isdigit())


def _query_id(metadata: Path) -> str:
    query_id = json.loads(_text(metadata))["id"]
    if not isinstance(query_id, str):
        raise ValueError(f"{metadata.name} has the id {query_id!r}")
    return query_id


def _read_commit(commit: Path) -> None:
    version, entry = _text(commit).split("\n", 1)
    if not (version.startswith("v") and isinstance(json.loads(entry), dict)):
        raise ValueError(f"{commit.name} is no entry of Spark's log of batches done")


def _text(file: Path) -> str:
    if file.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"{file.name} has more than {MAX_FILE_BYTES} bytes")
    return file.read_text(encoding="utf-8")
