"""The posts' topics, in which no single message can be deleted: when they go, and deleting all before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from include.infra.kafka.admin import Broker
from include.infra.kafka.offsets import Positions
from include.settings import Settings
from include.sources.publish import send_all
from include.streaming.registry import workload_named, workload_names
from include.streaming.state.commits import committed_positions

COMPACT = "compact"


def topics_of(settings: Settings) -> list[str]:
    """The topics that hold posts."""
    return list(dict.fromkeys((settings.ai_topic, settings.mix_topic)))


def gone_by(settings: Settings) -> dict[str, Any]:
    """For each topic, when Kafka has deleted by itself what is in it now.

    A message goes with its whole segment, once the segment's last message is older than the topic's limit: a
    segment takes new messages for ``segment.ms`` at most.
    """
    found: dict[str, Any] = {}
    for topic, told in Broker(settings).settings_of(topics_of(settings)).items():
        keeps, rolls = int(told["retention.ms"]), int(told["segment.ms"])
        policy = told["cleanup.policy"]
        until = None
        if keeps >= 0 and "delete" in policy:
            latest = datetime.now(UTC) + timedelta(milliseconds=keeps + rolls)
            until = latest.isoformat(timespec="seconds")
        found[topic] = {"policy": policy, "gone_by": until or "never by itself: forget with --now"}
    return found


def compact_away(settings: Settings, posts: Iterable[str]) -> int:
    """In topics that the operator has compacted, a message without a value ends each post's key; how many."""
    policies = Broker(settings).settings_of(topics_of(settings))
    compacted = [topic for topic, told in policies.items() if COMPACT in told["cleanup.policy"]]
    ends = [(topic, one.encode(), None) for topic in compacted for one in posts]
    if ends:
        send_all(settings, ends)
    return len(ends)


def delete_now(
    connection: psycopg.Connection, settings: Settings, kafka: Mapping[str, Iterable[tuple[str, int, int]]]
) -> dict[str, Any]:
    """Delete every message up to the last of these posts, as far as all workloads have committed.

    Other posts' messages go with them: a dataset version that they belong to can't be built from Kafka again.

    Returns:
        By topic and partition the position before which all is gone, and what has to wait, as it is unread.
    """
    broker, topics = Broker(settings), topics_of(settings)
    wanted: Positions = {}
    for places in kafka.values():
        for topic, partition, offset in places:
            if topic in topics:
                ends = wanted.setdefault(topic, {})
                ends[partition] = max(ends.get(partition, 0), offset + 1)
    safe, waits = _safe(connection, settings, wanted)
    spans = broker.spans(topics)
    asked = {
        topic: {p: end for p, end in ends.items() if spans.get(topic, {}).get(p, (0, 0))[0] < end}
        for topic, ends in safe.items()
    }
    broker.delete_before(asked)
    return {"deleted_before": {t: ends for t, ends in asked.items() if ends}, "not_read_yet": waits}


def _safe(
    connection: psycopg.Connection, settings: Settings, wanted: Positions
) -> tuple[Positions, Positions]:
    """The wanted positions, as far as every workload that has read these topics has committed."""
    safe: Positions = {topic: dict(ends) for topic, ends in wanted.items()}
    waits: Positions = {}
    for name in workload_names(settings):
        read = set(workload_named(name, settings).topics(settings))
        reached = committed_positions(connection, name)
        for topic in read & set(wanted) if reached else ():
            for partition, end in wanted[topic].items():
                committed = reached.get(topic, {}).get(partition, 0)
                if committed < end:
                    waits.setdefault(topic, {})[partition] = end
                    safe[topic][partition] = min(safe[topic][partition], committed)
    return safe, waits
