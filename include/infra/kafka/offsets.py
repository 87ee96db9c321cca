"""Positions in Kafka: ``{topic: {partition: next offset to read}}``."""

from __future__ import annotations

import json
from collections.abc import Mapping

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


def resume(committed: Positions, lows: Positions, highs: Positions) -> Positions:
    """Where to go on, for every partition: the committed positions, a new partition from its start.

    Where retention has deleted messages behind the committed position, it is the first one that is left.

    Raises:
        LostPositions: a topic ends before what was committed: it was deleted and created again.

    >>> resume({"a": {0: 7}}, lows={"a": {0: 0, 1: 3}}, highs={"a": {0: 9, 1: 5}})
    {'a': {0: 7, 1: 3}}
    """
    beyond = [
        f"{topic}[{partition}]: {offset} read, ends at {highs[topic][partition]}"
        for topic, parts in committed.items()
        for partition, offset in parts.items()
        if partition in highs.get(topic, {}) and offset > highs[topic][partition]
    ]
    if beyond:
        raise _lost(f"Kafka ends before what was read from it: {'; '.join(beyond)}")
    return {
        topic: {p: max(low, committed.get(topic, {}).get(p, low)) for p, low in parts.items()}
        for topic, parts in lows.items()
    }


def lost(committed: Positions, start: Positions) -> dict[str, Spans]:
    """What lies between the committed positions and where it goes on, per partition: deleted unread.

    >>> lost({"a": {0: 7, 1: 4}}, {"a": {0: 20, 1: 4, 2: 9}})
    {'a': {0: (7, 20)}}
    """
    spans: dict[str, Spans] = {}
    for topic, parts in committed.items():
        for partition, offset in parts.items():
            if (first := start.get(topic, {}).get(partition, offset)) > offset:
                spans.setdefault(topic, {})[partition] = (offset, first)
    return spans


def refuse_recreated(known: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Refuse topics that are not those that positions were committed in.

    Args:
        known: Kafka's ids of the topics that were read, as far as they were kept.
        now: their ids at this moment.

    Raises:
        LostPositions: a topic has another id, however far it has grown again.
    """
    changed = [topic for topic, topic_id in known.items() if now.get(topic, topic_id) != topic_id]
    if changed:
        raise _lost(f"Kafka has other topics by these names than those that were read: {', '.join(changed)}")


def _lost(what: str) -> LostPositions:
    return LostPositions(
        f"{what}. A topic that was deleted and created again numbers its messages from 0, so that new ones "
        "would be taken for ones already processed. Restore the old topic, or read a topic of another name "
        "(its setting; for ai_tweets TWEETSIEVE_AI_TOPIC, TWEETSIEVE_MIX_TOPIC), or delete the rows of this "
        "topic from the workload's results, dead_letter and stream_commit"
    )
