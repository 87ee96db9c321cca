"""What a database's tables look like, so that two databases can be compared."""

from __future__ import annotations

import psycopg

QUERIES = {
    "columns": """
        SELECT table_name, column_name, ordinal_position::text, data_type, is_nullable, column_default,
               is_identity, identity_generation
        FROM information_schema.columns
        WHERE table_schema = 'public' AND NOT EXISTS
              (SELECT FROM pg_class WHERE relname = table_name AND relispartition)""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
          AND conrelid NOT IN (SELECT oid FROM pg_class WHERE relispartition)""",
    "indexes": """
        SELECT tablename, indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND NOT EXISTS
              (SELECT FROM pg_class WHERE relname = tablename AND relispartition)""",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
}


def structure(connection: psycopg.Connection) -> dict[str, list[tuple[str | None, ...]]]:
    """Columns, constraints, indexes, views, triggers and functions of the schema ``public``, sorted.

    Partitions are left out: which there are depends on the rows and on the day.
    """
    return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in QUERIES.items()}
