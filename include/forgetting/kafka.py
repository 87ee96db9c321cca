"""The posts' topics, in which no single message can be deleted: when they go, and deleting all before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from include.infra.kafka.admin import Broker
from include.infra.kafka.offsets import Positions, from_json
from include.schema.dataset_tables import VersionTables, table_exists
from include.settings import Settings
from include.sources.publish import send_all
from include.streaming.registry import workload_names
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


def delete_now(connection: psycopg.Connection, settings: Settings) -> dict[str, Any]:
    """Delete every message that all streams have committed and that no unbuilt dataset version needs.

    Copies of a post may stand in any message, of whoever quotes it: so all go, other posts' messages too. A
    dataset version that is built stays as it is, and can't be built from Kafka again.

    Returns:
        By topic and partition the position before which all is gone, and where messages have to wait.
    """
    broker, policies = Broker(settings), Broker(settings).settings_of(topics_of(settings))
    topics = [topic for topic, told in policies.items() if "delete" in told["cleanup.policy"]]
    spans = broker.spans(topics)
    safe: Positions = {topic: {p: high for p, (_, high) in parts.items()} for topic, parts in spans.items()}
    for needed in (*_committed(connection, settings), *_unbuilt(connection, settings)):
        for topic in topics:
            for partition, position in needed.get(topic, {}).items():
                safe[topic][partition] = min(position, safe[topic].get(partition, position))
    asked = {t: {p: end for p, end in ends.items() if spans[t][p][0] < end} for t, ends in safe.items()}
    broker.delete_before(asked)
    waits = {t: {p: end for p, end in ends.items() if end < spans[t][p][1]} for t, ends in safe.items()}
    return {"deleted_before": _filled(asked), "still_needed_from": _filled(waits)}


def _filled(positions: Positions) -> Positions:
    return {topic: parts for topic, parts in positions.items() if parts}


def _committed(connection: psycopg.Connection, settings: Settings) -> Iterator[Positions]:
    """Up to where each workload that has ever run has read the topics."""
    for name in workload_names(settings):
        if reached := committed_positions(connection, name):
            yield reached


def _unbuilt(connection: psycopg.Connection, settings: Settings) -> Iterator[Positions]:
    """Where dataset versions begin that are collected and have no raw table yet."""
    for version, starts in connection.execute("SELECT version, start_offsets FROM collection").fetchall():
        if not table_exists(connection, VersionTables.of(version, settings).raw):
            yield from_json(starts)
