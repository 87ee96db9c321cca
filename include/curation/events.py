"""What curators did: an append-only log in which an undo is one more event."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from include.curation import leases
from include.curation.cards import Card

Action = Literal["repost", "hide", "hide_domain", "wrong"]
Outcome = Literal["posted", "failed"]


class CardLeaseLost(LookupError):
    """The lease on a card ran out and somebody else has the card."""


def decide(
    connection: psycopg.Connection,
    card: Card,
    lease_id: UUID,
    curator: str,
    action: Action,
    details: dict[str, Any] | None = None,
) -> int | None:
    """Write a decision, and end the lease, in one transaction; the card's state follows by a trigger.

    Returns:
        The event's id; None where this lease has one already (a double press).

    Raises:
        CardLeaseLost: the lease ran out, and it has no event.
        ValueError: a site is to be hidden, and the card's link names none.
    """
    if action == "hide_domain" and card.domain is None:
        raise ValueError(f"the link {card.link!r} is shortened: it names no site that could be hidden")
    with connection.transaction():
        if not leases.finish(connection, lease_id):
            _refuse_if_lost(connection, lease_id)
            return None
        return _write(connection, card, curator, action, lease_id=lease_id, details=details)


def tell(
    connection: psycopg.Connection, card: Card, curator: str, outcome: Outcome, details: dict[str, Any]
) -> int:
    """Write what became of a repost at the platform."""
    return _write(connection, card, curator, outcome, details=details)


def undo(connection: psycopg.Connection, curator: str) -> tuple[int, UUID] | None:
    """Undo the curator's latest standing decision; its number and card, or None where there is none."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('curation'), hashtext(%s))", [curator])
        row = connection.execute(
            """INSERT INTO curation_event (card, curator, action, post_id, domain, text_hash, undoes)
               SELECT card, curator, 'undo', post_id, domain, text_hash, id FROM standing_curation
               WHERE curator = %s ORDER BY id DESC LIMIT 1 RETURNING undoes, card""",
            [curator],
        ).fetchone()
    return (row[0], row[1]) if row else None


def _refuse_if_lost(connection: psycopg.Connection, lease_id: UUID) -> None:
    used = connection.execute("SELECT FROM curation_event WHERE lease_id = %s", [lease_id]).fetchone()
    if used is None:
        raise CardLeaseLost(
            "Not recorded: your time with this card ran out and somebody else has it, or you opened another"
            " one in another window."
        )


def _write(
    connection: psycopg.Connection,
    card: Card,
    curator: str,
    action: str,
    *,
    lease_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> int:
    row = connection.execute(
        """INSERT INTO curation_event (card, curator, action, post_id, domain, text_hash, lease_id, details)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
        [
            *(card.card, curator, action, card.post_id, card.domain, card.twin.hex, lease_id),
            Jsonb(details or {}),
        ],
    ).fetchone()
    assert row is not None
    return int(row[0])
