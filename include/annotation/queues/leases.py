"""Leases: while one annotator works on a text, nobody else gets it; an expired lease can be taken over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg

TERM = timedelta(minutes=15)


class ItemLeaseLost(LookupError):
    """The lease on a text expired or was released, so that somebody else may have the text."""


def take(
    connection: psycopg.Connection, text_hash: str, version: int, annotator: str, queue: str
) -> UUID | None:
    """Lease a text; None where somebody else holds it.

    A lease that has expired is replaced. The annotator's other leases of the version are released: an
    annotator has one item at a time, so that no key press meant for it can label another. Needs a
    transaction.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('lease'), hashtext(%s))", [annotator])
    release(connection, annotator, version)
    row = connection.execute(
        """INSERT INTO labelling_lease AS held
               (text_hash, version, annotator, lease_id, queue, expires_at)
           VALUES (%s, %s, %s, %s, %s, clock_timestamp() + %s)
           ON CONFLICT (text_hash) DO UPDATE
           SET version = EXCLUDED.version, annotator = EXCLUDED.annotator, lease_id = EXCLUDED.lease_id,
               queue = EXCLUDED.queue, leased_at = clock_timestamp(), expires_at = EXCLUDED.expires_at
           WHERE held.expires_at < clock_timestamp() OR held.annotator = EXCLUDED.annotator
           RETURNING lease_id""",
        [text_hash, version, annotator, uuid4(), queue, TERM],
    ).fetchone()
    return row[0] if row else None


def renew(connection: psycopg.Connection, annotator: str, version: int) -> tuple[UUID, str, str] | None:
    """Extend the annotator's own latest unfinished lease: its id, text and queue; None without one."""
    return connection.execute(
        """UPDATE labelling_lease SET expires_at = clock_timestamp() + %s
           WHERE lease_id = (SELECT lease_id FROM labelling_lease
                             WHERE annotator = %s AND version = %s
                             ORDER BY leased_at DESC, text_hash LIMIT 1 FOR UPDATE)
           RETURNING lease_id, text_hash, queue""",
        [TERM, annotator, version],
    ).fetchone()


def finish(connection: psycopg.Connection, lease_id: UUID) -> bool:
    """End a lease; False where it was no longer held."""
    return connection.execute("DELETE FROM labelling_lease WHERE lease_id = %s", [lease_id]).rowcount == 1


def release(connection: psycopg.Connection, annotator: str, version: int) -> int:
    """Release the annotator's unlabelled items, as when another queue is chosen; how many there were."""
    return connection.execute(
        "DELETE FROM labelling_lease WHERE annotator = %s AND version = %s", [annotator, version]
    ).rowcount
