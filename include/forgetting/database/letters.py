"""Dead letters, whose payloads may be a post or hold a copy of one; and tables that a killed stream left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from include.forgetting.search.sweep import NOTHING, Found, Sweep
from include.streaming.sinks.staging import drop_leftovers
from include.task_log import Pace

PAGE = 500

_PAGE = """
    SELECT workload, topic, kafka_partition, kafka_offset, key, value FROM dead_letter
    WHERE (workload, topic, kafka_partition, kafka_offset) > (%s, %s, %s, %s)
    ORDER BY workload, topic, kafka_partition, kafka_offset LIMIT %s
"""
_EMPTY = """
    UPDATE dead_letter SET key = NULL, value = NULL, reason = 'forgotten', last_reason = NULL,
        replayed_at = coalesce(replayed_at, now()), replayed_by = coalesce(replayed_by, 'forget_posts')
    WHERE (workload, topic, kafka_partition, kafka_offset) = (%s, %s, %s, %s)
"""


def dead_letters(sweep: Sweep) -> Found:
    """Empty the letters that hold a post, or a copy of it in a repost or quote; their counts stay.

    The table is read from end to end: which posts a payload holds is in the payload.
    """
    copies, keys = sweep.targets.copies, {one.encode() for one in sweep.targets.posts}
    total, read, pace = NOTHING, 0, Pace(5)
    pace.due()
    for page in _pages(sweep):
        read += len(page)
        if pace.due():
            sweep.say(f"dead letters: {read:,} read")
        held = [
            position
            for *position, key, value in page
            if (key is not None and bytes(key) in keys) or (value and copies.in_bytes(bytes(value)))
        ]
        if held and not sweep.dry_run:
            with sweep.connection.transaction(), sweep.connection.cursor() as cursor:
                cursor.executemany(_EMPTY, held)
        total += sweep.counted(len(held))
    return total


def _pages(sweep: Sweep) -> Iterator[list[tuple[Any, ...]]]:
    after: tuple[Any, ...] = ("", "", 0, 0)
    while page := sweep.connection.execute(_PAGE, [*after, PAGE]).fetchall():
        yield page
        after = page[-1][:4]


def staged(sweep: Sweep) -> Found:
    """Tables that batches of a killed stream left. A running one drops its own within a batch."""
    left = sweep.connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND starts_with(relname, 'stream_stage_')"
    ).fetchall()
    running = sweep.connection.execute(
        "SELECT workload FROM stream_lease WHERE expires_at > now()"
    ).fetchall()
    owners = {name.removeprefix("stream_stage_").partition("$")[0] for (name,) in left}
    idle = owners - {workload for (workload,) in running}
    if not sweep.dry_run:
        for workload in sorted(idle):
            drop_leftovers(sweep.connection, workload)
    gone = sum(name.removeprefix("stream_stage_").partition("$")[0] in idle for (name,) in left)
    return sweep.counted(gone)
