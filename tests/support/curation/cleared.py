"""A database without what curating is about, for tests that share one."""

from __future__ import annotations

import psycopg

TABLES = "ai_tweets, links, repost_card, curation_lease, curation_visit"


def clear(connection: psycopg.Connection) -> None:
    """Empty the tables; the append-only one by who may switch its trigger off."""
    connection.execute(f"TRUNCATE {TABLES}")
    connection.execute("ALTER TABLE curation_event DISABLE TRIGGER curation_event_append_only")
    connection.execute("TRUNCATE curation_event")
    connection.execute("ALTER TABLE curation_event ENABLE ALWAYS TRIGGER curation_event_append_only")
