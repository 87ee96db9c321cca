"""Leases: a card that somebody looks at is shown to nobody else as undecided; a short time only."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg

from include.settings import Settings


def take(connection: psycopg.Connection, card: UUID, curator: str, settings: Settings) -> UUID | None:
    """Lease an undecided card; None where somebody else holds it, or it was decided.

    One's own lease on it is renewed and keeps its id; those on other cards end, as somebody looks at one card
    at a time. Needs an autocommit connection.
    """
    term = timedelta(seconds=settings.repost_lease_seconds)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('curation'), hashtext(%s))", [curator])
        connection.execute("DELETE FROM curation_lease WHERE curator = %s AND card <> %s", [curator, card])
        row = connection.execute(
            """INSERT INTO curation_lease AS held (card, curator, lease_id, expires_at)
               VALUES (%s, %s, %s, clock_timestamp() + %s)
               ON CONFLICT (card) DO UPDATE
               SET curator = EXCLUDED.curator, expires_at = EXCLUDED.expires_at,
                   lease_id = CASE WHEN held.curator = EXCLUDED.curator THEN held.lease_id
                                   ELSE EXCLUDED.lease_id END,
                   leased_at = CASE WHEN held.curator = EXCLUDED.curator THEN held.leased_at ELSE now() END
               WHERE held.expires_at < clock_timestamp() OR held.curator = EXCLUDED.curator
               RETURNING lease_id""",
            [card, curator, uuid4(), term],
        ).fetchone()
        if row is None:
            return None
        # A new statement: it sees what was decided while this one waited for the lease.
        still = connection.execute(
            "SELECT FROM repost_card WHERE card = %s AND state = 'open'", [card]
        ).fetchone()
        if still is None:
            connection.execute("DELETE FROM curation_lease WHERE lease_id = %s", [row[0]])
            return None
        lease: UUID = row[0]
        return lease


def finish(connection: psycopg.Connection, lease_id: UUID) -> bool:
    """End a lease; False where it was no longer held."""
    return connection.execute("DELETE FROM curation_lease WHERE lease_id = %s", [lease_id]).rowcount == 1


def release(connection: psycopg.Connection, curator: str) -> None:
    """End all leases of somebody who looks at no card now."""
    connection.execute("DELETE FROM curation_lease WHERE curator = %s", [curator])


def held_by_others(connection: psycopg.Connection, curator: str) -> list[UUID]:
    """Cards that others look at."""
    rows = connection.execute(
        "SELECT card FROM curation_lease WHERE curator <> %s AND expires_at >= clock_timestamp()", [curator]
    ).fetchall()
    return [card for (card,) in rows]
