"""What belongs to whom, also in a database that one role owned, or that was restored."""

from __future__ import annotations

import re

import psycopg
from psycopg import sql

from include.database_settings import OWNER
from include.schema.roles.rights import BUILDING, kind_of
from include.settings import Settings

_RELATIONS = """
    SELECT n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^(pg_|information_schema$)'
      AND c.relpersistence <> 't'
      AND NOT (c.relkind = 'S' AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
               AND d.objid = c.oid AND d.deptype IN ('a', 'i')))
    ORDER BY 1, 2
"""
"""Sequences of a column go with their table."""

_FUNCTIONS = """
    SELECT p.oid::regprocedure::text, p.prokind::text, pg_get_userbyid(p.proowner)
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                      AND d.deptype = 'e')
"""
_TYPES = """
    SELECT t.typname, pg_get_userbyid(t.typowner) FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typnamespace = 'public'::regnamespace AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid
                      AND d.deptype = 'e')
"""
_KIND = {
    "r": "TABLE",
    "p": "TABLE",
    "v": "VIEW",
    "m": "MATERIALIZED VIEW",
    "S": "SEQUENCE",
    "f": "FOREIGN TABLE",
}


def give_main_database(connection: psycopg.Connection, settings: Settings) -> None:
    """Give each schema, table and function of the main database to whom it belongs.

    Args:
        connection: of the administrator to that database, inside a transaction.
    """
    _give_database(connection, settings.login_name(OWNER))
    for schema, owner in connection.execute(
        "SELECT nspname, pg_get_userbyid(nspowner) FROM pg_namespace ORDER BY 1"
    ).fetchall():
        if re.fullmatch(BUILDING, schema):
            _give(connection, "SCHEMA", sql.Identifier(schema), owner, settings.login_name("tasks"))
    for schema, name, kind, owner in connection.execute(_RELATIONS).fetchall():
        wanted = settings.login_name(kind_of(schema, name, settings).owner)
        _give(connection, _KIND[kind], sql.Identifier(schema, name), owner, wanted)
    _give_functions_and_types(connection, settings.login_name(OWNER))


def give_all(connection: psycopg.Connection, owner: str) -> None:
    """Give a database and all that is in its schema ``public`` to one role: Airflow's own to Airflow's."""
    _give_database(connection, owner)
    for schema, name, kind, present in connection.execute(_RELATIONS).fetchall():
        _give(connection, _KIND[kind], sql.Identifier(schema, name), present, owner)
    _give_functions_and_types(connection, owner)


def _give_database(connection: psycopg.Connection, owner: str) -> None:
    query = "SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    for name, present in connection.execute(query).fetchall():
        _give(connection, "DATABASE", sql.Identifier(name), present, owner)


def _give_functions_and_types(connection: psycopg.Connection, owner: str) -> None:
    for signature, kind, present in connection.execute(_FUNCTIONS).fetchall():
        what = {"p": "PROCEDURE", "a": "AGGREGATE"}.get(kind, "FUNCTION")
        _give(connection, what, sql.SQL(signature), present, owner)
    for name, present in connection.execute(_TYPES).fetchall():
        _give(connection, "TYPE", sql.Identifier("public", name), present, owner)


def _give(connection: psycopg.Connection, what: str, name: sql.Composable, present: str, wanted: str) -> None:
    """Waits for the transactions that use it; only where it belongs to somebody else."""
    if present != wanted:
        connection.execute(
            sql.SQL("ALTER {} {} OWNER TO {}").format(sql.SQL(what), name, sql.Identifier(wanted))
        )
