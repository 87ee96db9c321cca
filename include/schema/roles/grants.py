"""Granting what the table of rights says, and taking away everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import psycopg
from psycopg import sql

from include.database_settings import OWNER, ROLES, Role
from include.schema.roles.rights import (
    CREATORS,
    DATABASE,
    DATASET_TABLES,
    FUNCTIONS,
    GROUPS,
    READS_EVERYTHING,
    RESULT_TABLES,
    RESULTS,
    WORD,
    Owner,
    kind_of,
)
from include.settings import Settings

PUBLIC = "public"
"""Everybody: in PostgreSQL no role has this name."""


class Right(NamedTuple):
    """A right of a role; ``role`` is its name on the server, or PUBLIC."""

    role: str
    word: str
    column: str = ""


class Table(NamedTuple):
    """A table or view."""

    schema: str
    name: str


_TABLES = """
    SELECT n.nspname, c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema$)'
      AND c.relpersistence <> 't'
    ORDER BY 1, 2
"""
_GRANTED = """
    SELECT n.nspname, c.relname, a.grantee, a.privilege_type, ''
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema$)'
      AND a.grantee <> c.relowner
    UNION ALL
    SELECT n.nspname, c.relname, a.grantee, a.privilege_type, t.attname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute t ON t.attrelid = c.oid,
         aclexplode(t.attacl) a
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema$)'
      AND a.grantee <> c.relowner
"""


def granted(connection: psycopg.Connection) -> dict[Table, set[Right]]:
    """What others than the owner may do with each table and view of the database."""
    found: dict[Table, set[Right]] = {Table(*row): set() for row in connection.execute(_TABLES).fetchall()}
    query = sql.SQL(
        "SELECT nspname, relname, CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee) END,"
        " privilege_type, attname FROM ({}) AS rights (nspname, relname, grantee, privilege_type, attname)"
    ).format(sql.SQL(_GRANTED))
    for schema, name, role, word, column in connection.execute(query).fetchall():
        if (table := Table(schema, name)) in found:
            found[table].add(Right(role, word, column))
    return found


def wanted(table: Table, settings: Settings) -> set[Right]:
    """What the table of rights says of a table."""
    return _rights(kind_of(*table, settings).rights, settings)


def _rights(letters: Mapping[Role, str], settings: Settings) -> set[Right]:
    return {Right(settings.login_name(role), WORD[one]) for role, given in letters.items() for one in given}


def grant(connection: psycopg.Connection, settings: Settings) -> None:
    """Bring the rights on the main database to what the table of rights says.

    Args:
        connection: of the administrator, inside a transaction.
    """
    for table, present in granted(connection).items():
        right = wanted(table, settings)
        for one in sorted(present - right):
            _change(connection, "REVOKE {} ON {} FROM {}", table, one)
        for one in sorted(right - present):
            _change(connection, "GRANT {} ON {} TO {}", table, one)
    _on_new_tables(connection, settings)
    _on_functions(connection, settings)
    # Partitions that a function of the owner's makes: who reads all reads them one by one.
    let_read(connection, settings.login_name(OWNER), settings.login_name(READS_EVERYTHING), "TABLES")
    for owner in (OWNER, "tasks", RESULTS):
        let_read(connection, settings.login_name(owner), settings.login_name(READS_EVERYTHING), "SEQUENCES")
    _on_schema(connection, settings)
    allow_to_connect(
        connection, {settings.login_name(role): words for role, words in DATABASE.items()}, settings
    )


def allow_to_connect(
    connection: psycopg.Connection, rights: Mapping[str, tuple[str, ...]], settings: Settings
) -> None:
    """Give these roles these rights on the connection's database, and nobody else of ours any."""
    row = connection.execute("SELECT current_database()").fetchone()
    assert row is not None
    database = sql.Identifier(row[0])
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for role in (*ROLES, *GROUPS):
        name = sql.Identifier(settings.login_name(role))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(database, name))
        if words := rights.get(settings.login_name(role)):
            connection.execute(
                sql.SQL("GRANT {} ON DATABASE {} TO {}").format(sql.SQL(", ".join(words)), database, name)
            )


def let_read(connection: psycopg.Connection, owner: str, reader: str, what: str) -> None:
    """Let a role read all ``TABLES`` or ``SEQUENCES`` of schema public, and the later ones of ``owner``."""
    kind, to = sql.SQL(what), sql.Identifier(reader)
    connection.execute(sql.SQL("GRANT SELECT ON ALL {} IN SCHEMA public TO {}").format(kind, to))
    connection.execute(
        sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT SELECT ON {} TO {}").format(
            sql.Identifier(owner), kind, to
        )
    )


def _change(connection: psycopg.Connection, statement: str, table: Table, right: Right) -> None:
    word: sql.Composable = sql.SQL(right.word)
    if right.column:
        word = sql.SQL("{} ({})").format(word, sql.Identifier(right.column))
    role = sql.SQL("PUBLIC") if right.role == PUBLIC else sql.Identifier(right.role)
    connection.execute(sql.SQL(statement).format(word, sql.Identifier(*table), role))


def _on_new_tables(connection: psycopg.Connection, settings: Settings) -> None:
    """The tables that these roles make later get their rights as they are made."""
    kinds: tuple[tuple[Owner, Mapping[Role, str]], ...] = (
        ("tasks", DATASET_TABLES),
        (RESULTS, RESULT_TABLES),
    )
    for owner, letters in kinds:
        for role, word, _ in sorted(_rights(letters, settings)):
            connection.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT {} ON TABLES TO {}").format(
                    sql.Identifier(settings.login_name(owner)),
                    sql.SQL(word),
                    sql.Identifier(role),
                )
            )


def _on_functions(connection: psycopg.Connection, settings: Settings) -> None:
    roles = sql.SQL(", ").join(sql.Identifier(settings.login_name(role)) for role in ROLES)
    for function, callers in FUNCTIONS.items():
        if connection.execute("SELECT to_regprocedure(%s)", [function]).fetchone() == (None,):
            continue  # before the revision that makes it
        signature = sql.SQL(function)
        connection.execute(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC, {}").format(signature, roles))
        for role in callers:
            name = sql.Identifier(settings.login_name(role))
            connection.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(signature, name))


def _on_schema(connection: psycopg.Connection, settings: Settings) -> None:
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    for role in (*ROLES, *GROUPS):
        name = sql.Identifier(settings.login_name(role))
        if role in CREATORS:
            connection.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(name))
        else:
            connection.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}").format(name))
