"""Positions in Kafka: ``{topic: {partition: next offset to read}}``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from include.errors import UserError

Positions = dict[str, dict[int, int]]

Spans = dict[int, tuple[int, int]]
"""``{partition: (first, end)}``, the end not included."""


class LostPositions(UserError):
    """Committed positions that can't belong to the topics as they are now."""


def merge(*several: Mapping[str, Mapping[int, int]]) -> Positions:
    """The furthest position of each partition.

    >>> merge({"a": {0: 5, 1: 2}}, {"a": {0: 3}, "b": {0: 1}})
    {'a': {0: 5, 1: 2}, 'b': {0: 1}}
    """
    merged: Positions = {}
    for positions in several:
        for topic, partitions in positions.items():
            into = merged.setdefault(topic, {})
            for partition, offset in partitions.items():
                into[partition] = max(offset, into.get(partition, 0))
    return merged


def to_json(positions: Mapping[str, Mapping[int, int]]) -> str:
    """The form that Spark's ``startingOffsets`` takes.

    >>> to_json({"a": {0: 5}})
    '{"a": {"0": 5}}'
    """
    return json.dumps({topic: {str(p): o for p, o in parts.items()} for topic, parts in positions.items()})


def from_json(value: str | Mapping[str, Mapping[str, int]]) -> Positions:
    """The reverse of :func:`to_json`, also of what ``jsonb`` gives back."""
    loaded = json.loads(value) if isinstance(value, str) else value
    return {topic: {int(p): int(o) for p, o in parts.items()} for topic, parts in loaded.items()}


def behind(positions: Positions, ends: Positions) -> Positions:
    """Messages between the positions and the ends, per partition; 0 where nothing is left.

    >>> behind({"a": {0: 5}}, {"a": {0: 7, 1: 2}})
    {'a': {0: 2, 1: 2}}
    """
    return {
        topic: {p: max(0, end - positions.get(topic, {}).get(p, 0)) for p, end in parts.items()}
        for topic, parts in ends.items()
    }


def total(lag: Mapping[str, Mapping[int, int]]) -> int:
    """The sum over all partitions."""
    return sum(count for parts in lag.values() for count in parts.values())


def resume(committed: Positions, lows: Positions, highs: Positions) -> tuple[Positions, int]:
    """Where to go on: the committed positions, a new partition from its start.

    Returns:
        The positions of every partition, and how many messages retention has deleted unread.

    Raises:
        LostPositions: a topic ends before what was committed: it was deleted and made anew.
    """
    _refuse_recreated(committed, highs)
    start = {
        topic: {p: max(low, committed.get(topic, {}).get(p, low)) for p, low in parts.items()}
        for topic, parts in lows.items()
    }
    known = [(t, p) for t, parts in committed.items() for p in parts if p in start.get(t, {})]
    return start, sum(start[t][p] - committed[t][p] for t, p in known)


def _refuse_recreated(committed: Positions, highs: Positions) -> None:
    beyond = [
        f"{topic}[{partition}]: {offset} read, ends at {highs[topic][partition]}"
        for topic, parts in committed.items()
        for partition, offset in parts.items()
        if partition in highs.get(topic, {}) and offset > highs[topic][partition]
    ]
    if beyond:
        raise LostPositions(
            "Kafka ends before what was read from it, so it was emptied or made anew and its positions "
            f"start over: {'; '.join(beyond)}. New posts would be taken for ones already classified. Bring "
            "the old topic back, or use new topic names (TWEETSIEVE_AI_TOPIC, TWEETSIEVE_MIX_TOPIC), or "
            "delete the rows of these topics from ai_tweets, dead_letter and stream_commit"
        )


def ends_of(rows: Iterable[tuple[str, int, int]]) -> Positions:
    """Positions behind rows of (topic, partition, last offset).

    >>> ends_of([("a", 0, 4)])
    {'a': {0: 5}}
    """
    return merge(*({topic: {partition: last + 1}} for topic, partition, last in rows))
