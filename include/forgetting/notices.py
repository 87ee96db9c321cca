"""The topic of what is to be forgotten: the sources' deletion notices in, every forgotten id out."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from include.forgetting import tombstones
from include.infra.kafka.admin import Broker
from include.infra.kafka.consume import read_between
from include.posts.deletions import AUTHOR_ID, POST_ID, Deletion
from include.posts.fields import mapping
from include.posts.values.json_value import NotJson, load
from include.settings import Settings
from include.sources.interface.notice import message
from include.sources.publish import send_all

BY = "a source"
REASON = "notice of the source"


def take_notices(connection: psycopg.Connection, settings: Settings) -> list[Deletion]:
    """Turn the notices since the last time into tombstones; those that are new.

    A notice that is taken twice, after a kill, changes nothing.

    Raises:
        BrokerUnavailable: Kafka does not answer.
    """
    topic, broker = settings.forgotten_topic, Broker(settings)
    ids = broker.topic_ids([topic])
    if topic not in ids:
        return []
    spans = broker.spans([topic])[topic]
    known = connection.execute(
        "SELECT kafka_partition, next_offset FROM forgotten_notice WHERE topic = %s AND topic_id = %s",
        [topic, ids[topic]],
    ).fetchall()
    starts = {p: low for p, (low, _) in spans.items()} | dict(known)
    ends = {p: high for p, (_, high) in spans.items()}
    read = (_deletion(one.value()) for one in read_between(settings, topic, starts, ends))
    new = tombstones.add(connection, filter(None, read), BY, REASON)
    tombstones.keep_ids(settings, new)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO forgotten_notice VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (topic, topic_id, kafka_partition)"
            " DO UPDATE SET next_offset = EXCLUDED.next_offset",
            [(topic, ids[topic], p, end) for p, end in ends.items()],
        )
    return new


def announce(settings: Settings, deletions: Iterable[Deletion], reason: str) -> None:
    """Tell everybody who reads the topic, such as an archive of the posts, what is forgotten.

    Raises:
        BrokerUnavailable: Kafka does not take it.
    """
    told = [message(one, settings.forgotten_topic, reason) for one in deletions]
    if told:
        Broker(settings).create_compacted(settings.forgotten_topic)
        send_all(settings, told)


def _deletion(value: bytes | None) -> Deletion | None:
    """What a message names; None for one of another form, which somebody else may have written."""
    try:
        told = mapping(load(value or b""))
    except NotJson:
        return None
    kind, one = told.get("kind"), told.get("id")
    known = {"post": POST_ID, "author": AUTHOR_ID}.get(kind) if isinstance(kind, str) else None
    if known is None or not isinstance(one, str) or not known.fullmatch(one):
        return None
    return Deletion("post" if kind == "post" else "author", one)
