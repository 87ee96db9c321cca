"""Spark's log of what it planned: how far in Kafka a batch reaches.

A batch's entry is written before the batch starts, and is the same when it is processed again. It is read
from the checkpoint's files: Spark offers the ends of a batch nowhere else before the batch is done.
"""

from __future__ import annotations

from pathlib import Path

from include.infra.kafka.offsets import Positions, from_json, merge


class UnknownFormat(RuntimeError):
    """The entry is not what Spark writes, as far as this code knows."""


def planned_ends(checkpoint: Path, batch_id: int) -> Positions:
    """The positions up to which Spark planned a batch.

    Raises:
        OSError: there is no entry.
        UnknownFormat: see there.
    """
    entry = checkpoint / "offsets" / str(batch_id)
    lines = entry.read_text(encoding="utf-8").splitlines()
    try:
        version, _, *sources = lines
        if version != "v1":
            raise ValueError(f"version {version!r}")
        if not sources:
            raise ValueError("no source")
        return merge(*map(from_json, sources))
    except (ValueError, AttributeError, TypeError, RecursionError) as problem:
        raise UnknownFormat(f"{entry}: {problem}") from problem
