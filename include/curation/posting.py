"""One repost for a card: off unless a platform is set, and a dry run unless that is turned off.

It is sent once, within the limit of an hour; its outcome is recorded whatever it is.
"""

from __future__ import annotations

from typing import Any

import psycopg

from include.curation import events
from include.curation.cards import Card
from include.curation.x_repost import NotReposted, repost_on_x
from include.settings import Settings

_SENT = "action = 'posted' AND NOT (details ? 'dry_run')"


def posts_itself(card: Card, settings: Settings) -> bool:
    """Whether the key reposts by itself: a platform is set, and the post is one of its own."""
    return settings.repost_platform == "x" and card.post_id.isascii() and card.post_id.isdecimal()


def post(connection: psycopg.Connection[Any], card: Card, curator: str, settings: Settings) -> str:
    """Repost a card's post, unless that was done; what came of it, in words.

    One repost is sent at a time, by all servers of the page together.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('tweetsieve repost'))")
        if _already(connection, card):
            return "It was reposted before: nothing was sent again."
        if settings.repost_dry_run:
            said = "a dry run: nothing was sent to X"
            events.tell(connection, card, curator, "posted", {"said": said, "dry_run": True})
            return f"This was {said}."
        return _send(connection, card, curator, settings)


def _send(connection: psycopg.Connection[Any], card: Card, curator: str, settings: Settings) -> str:
    try:
        if _within_the_hour(connection) >= settings.repost_per_hour:
            raise NotReposted(f"{settings.repost_per_hour} reposts were sent within the hour, the limit")
        answer = repost_on_x(card.post_id, settings)
    except NotReposted as problem:
        events.tell(connection, card, curator, "failed", {"said": str(problem)})
        return f"Not reposted: {problem}."
    events.tell(connection, card, curator, "posted", {"said": "X has it", "answer": answer})
    return "Reposted on X."


def _already(connection: psycopg.Connection[Any], card: Card) -> bool:
    query = f"SELECT FROM curation_event WHERE card = %s AND post_id = %s AND {_SENT}"
    return connection.execute(query, [card.card, card.post_id]).fetchone() is not None


def _within_the_hour(connection: psycopg.Connection[Any]) -> int:
    query = f"SELECT count(*) FROM curation_event WHERE created_at > now() - interval '1 hour' AND {_SENT}"  # noqa: S608
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
