"""Spark's checkpoint of a workload, and whether it and the database tell the same story."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

KEPT_ASIDE = 3
"""Checkpoints that are kept for a person to look at."""

log = logging.getLogger(__name__)


def last_batch(checkpoint: Path) -> tuple[str, int] | None:
    """Query id and number of the last batch that Spark counts as done; None for a fresh checkpoint.

    Raises:
        ValueError, OSError: the files are not what Spark writes.
    """
    done = [int(file.name) for file in (checkpoint / "commits").glob("*") if file.name.isdecimal()]
    if not done:
        return None
    return json.loads((checkpoint / "metadata").read_text(encoding="utf-8"))["id"], max(done)


def reconcile(checkpoint: Path, is_committed: Callable[[str, int], bool]) -> bool:
    """Put a checkpoint aside that is unreadable or ahead of the sink; whether it was.

    Ahead: it counts a batch as done that the sink does not have, as after a crash during a commit, or
    after the database was restored from a backup. To go on from it would skip posts. The committed
    positions are the truth, and a new checkpoint starts from them.
    """
    try:
        last = last_batch(checkpoint)
        if last is None or is_committed(*last):
            return False
        reason = f"the database has no batch {last[1]} of query {last[0]}"
    except (ValueError, KeyError, TypeError, OSError) as problem:
        reason = f"it can't be read: {problem}"
    aside = checkpoint.with_name(f"{checkpoint.name}.aside-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    checkpoint.rename(aside)
    log.warning("checkpoint %s is put aside as %s: %s", checkpoint, aside.name, reason)
    for old in sorted(checkpoint.parent.glob(f"{checkpoint.name}.aside-*"))[:-KEPT_ASIDE]:
        shutil.rmtree(old, ignore_errors=True)
    return True
