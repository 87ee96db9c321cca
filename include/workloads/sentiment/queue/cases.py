"""The queue of emotional messages: oldest first, each with one person at a time.

A turn is a lease, as on the tagger: nobody else gets the message until it is answered, released, or the lease
has run out. What people did is an append-only log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import class_row

from include.annotation.queues.leases import TERM, ItemLeaseLost

LONGEST_ANSWER = 5_000
RATINGS = range(-4, 5)
"""From very negative to very positive: the scale on which VADER's words were rated."""


@dataclass(frozen=True)
class Thresholds:
    """A message at or above one of them is put before a person."""

    compound: float
    neg: float


@dataclass(frozen=True)
class Case:
    """A message that somebody has taken."""

    lease_id: UUID
    person: str
    message_key: bytes | None
    text: str
    compound: float
    neg: float
    neu: float
    pos: float
    model_version: str
    arrived_at: datetime


@dataclass(frozen=True)
class Waiting:
    """The queue's length: how many wait, since when, and how many people have taken or answered."""

    waiting: int
    oldest: datetime | None
    taken: int
    answered: int


_EMOTIONAL: LiteralString = "(abs(compound) >= %(compound)s OR neg >= %(neg)s)"
_FREE: LiteralString = "(taken_until IS NULL OR taken_until < clock_timestamp())"

_TAKE: LiteralString = f"""
    UPDATE sentiment_case AS c
    SET taken_by = %(person)s, lease_id = %(lease)s, taken_at = clock_timestamp(),
        taken_until = clock_timestamp() + %(term)s
    FROM (SELECT topic, kafka_partition, kafka_offset FROM sentiment_case
          WHERE answered_at IS NULL AND {_EMOTIONAL} AND {_FREE}
          ORDER BY arrived_at, topic, kafka_partition, kafka_offset
          LIMIT 1 FOR UPDATE SKIP LOCKED) AS next
    WHERE (c.topic, c.kafka_partition, c.kafka_offset)
        = (next.topic, next.kafka_partition, next.kafka_offset)
"""  # noqa: S608 - of the constants above
_RENEW: LiteralString = """
    UPDATE sentiment_case SET taken_until = clock_timestamp() + %s
    WHERE taken_by = %s AND answered_at IS NULL
"""
_CURRENT: LiteralString = """
    SELECT c.lease_id, c.taken_by AS person, s.message_key, s.text, s.compound, s.neg, s.neu, s.pos,
           s.model_version, s.arrived_at
    FROM sentiment_case AS c JOIN sentiment AS s USING (topic, kafka_partition, kafka_offset)
    WHERE c.taken_by = %s AND c.answered_at IS NULL
"""
_WAITING: LiteralString = f"""
    SELECT count(*) FILTER (WHERE answered_at IS NULL AND {_FREE}) AS waiting,
           min(arrived_at) FILTER (WHERE answered_at IS NULL AND {_FREE}) AS oldest,
           count(*) FILTER (WHERE answered_at IS NULL AND NOT {_FREE}) AS taken,
           count(*) FILTER (WHERE answered_at IS NOT NULL) AS answered
    FROM sentiment_case WHERE {_EMOTIONAL}
"""  # noqa: S608 - of the constants above
_EVENT: LiteralString = """
    INSERT INTO sentiment_case_event
        (topic, kafka_partition, kafka_offset, person, action, lease_id, answer, rating)
    SELECT topic, kafka_partition, kafka_offset, %(person)s, %(action)s, lease_id, %(answer)s, %(rating)s
    FROM sentiment_case WHERE lease_id = %(lease)s
"""


def current(connection: psycopg.Connection, person: str) -> Case | None:
    """What the person has taken and not finished, its lease renewed; None where that is nothing."""
    with connection.transaction():
        connection.execute(_RENEW, [TERM, person])
        with connection.cursor(row_factory=class_row(Case)) as cursor:
            return cursor.execute(_CURRENT, [person]).fetchone()


def take(connection: psycopg.Connection, person: str, above: Thresholds) -> Case | None:
    """The oldest message that nobody has; one's own unfinished one comes first. None: nothing waits.

    Raises:
        ValueError: no name.
    """
    if not person.strip():
        raise ValueError("a name is needed")
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('sentiment'), hashtext(%s))", [person])
        if (own := current(connection, person)) is not None:
            return own
        lease = uuid4()
        values = {"person": person, "lease": lease, "term": TERM}
        if not connection.execute(_TAKE, values | {"compound": above.compound, "neg": above.neg}).rowcount:
            return None
        _write(connection, lease, person, "take")
        return current(connection, person)


def answer(
    connection: psycopg.Connection, lease: UUID, person: str, text: str, rating: int | None = None
) -> None:
    """The message is answered, and done.

    Args:
        text: what was answered, or done about it.
        rating: how the person reads the message, one of RATINGS; None: not said.

    Raises:
        ItemLeaseLost: the lease ran out and somebody else has the message, or it is done.
        ValueError: no answer, one that is too long, or no such rating.
    """
    if not text.strip() or len(text) > LONGEST_ANSWER or "\x00" in text:
        raise ValueError(f"an answer has 1 to {LONGEST_ANSWER} characters; this one has {len(text.strip())}")
    if rating is not None and rating not in RATINGS:
        raise ValueError(f"rating {rating} is none of {RATINGS[0]} to {RATINGS[-1]}")
    _end(connection, lease, person, "answer", text.strip(), rating)


def release(connection: psycopg.Connection, lease: UUID, person: str) -> None:
    """Give a message back: it waits again, at its place.

    Raises:
        ItemLeaseLost: as for :func:`answer`.
    """
    _end(connection, lease, person, "release")


def waiting(connection: psycopg.Connection, above: Thresholds) -> Waiting:
    """How long the queue is."""
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        found = cursor.execute(_WAITING, {"compound": above.compound, "neg": above.neg}).fetchone()
    assert found is not None
    return found


def _end(
    connection: psycopg.Connection,
    lease: UUID,
    person: str,
    action: str,
    text: str | None = None,
    rating: int | None = None,
) -> None:
    with connection.transaction():
        held = connection.execute(
            "SELECT FROM sentiment_case WHERE lease_id = %s AND taken_by = %s AND answered_at IS NULL"
            " FOR UPDATE",
            [lease, person],
        ).fetchone()
        if held is None:
            raise ItemLeaseLost("This message is no longer yours: your turn ran out, or it is done already.")
        _write(connection, lease, person, action, text, rating)
        connection.execute(
            "UPDATE sentiment_case SET answered_at = CASE WHEN %s THEN clock_timestamp() END,"
            " taken_by = NULL, taken_until = NULL, lease_id = NULL, taken_at = NULL WHERE lease_id = %s",
            [action == "answer", lease],
        )


def _write(
    connection: psycopg.Connection,
    lease: UUID,
    person: str,
    action: str,
    text: str | None = None,
    rating: int | None = None,
) -> None:
    values = {"person": person, "action": action, "lease": lease, "answer": text, "rating": rating}
    connection.execute(_EVENT, values)
