"""Partitions of ``ai_tweets``, made ahead: by each start of its stream, and by housekeeping every night.

What arrives in a week that has none is in the default partition, until the week's own is made.
"""

from __future__ import annotations

import logging

import psycopg

log = logging.getLogger(__name__)

TABLE = "ai_tweets"

_MAKE = "SELECT make_ai_tweets_weeks(now() - interval '2 weeks', now() + interval '8 weeks')"
"""Kafka keeps a week, so that posts of the last two may still be read; a stream may run for weeks."""


def make_weeks(connection: psycopg.Connection) -> None:
    """Make the partitions that are missing; where the table is in use, or not ours, the next one does it."""
    try:
        with connection.transaction():
            row = connection.execute(_MAKE).fetchone()
    except (psycopg.errors.LockNotAvailable, psycopg.errors.InsufficientPrivilege) as problem:
        log.warning("no partitions of %s were made, posts wait in the default one: %s", TABLE, problem)
        return
    if row and row[0]:
        log.info("%d partitions of %s were made", row[0], TABLE)
