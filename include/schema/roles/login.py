"""The roles themselves: who may log in, with which password, and who belongs to whom."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import pq, sql

from include.database_settings import OWNER, ROLES
from include.errors import UserError
from include.schema.roles.rights import GROUPS, RESULTS, WRITERS
from include.settings import Settings

_MIGHTY = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")


class MightyRole(UserError):
    """A role of ours can do more than log in."""


def make_roles(connection: psycopg.Connection, settings: Settings) -> None:
    """Make the roles that are missing, and their memberships. None can do more than log in.

    Args:
        connection: of the administrator, inside a transaction.

    Raises:
        MightyRole: one of these names is a role that can do more.
        psycopg.errors.InsufficientPrivilege: the administrator may not make roles.
    """
    if connection.info.server_version >= 160000:  # a superuser is a member of every role anyhow
        connection.execute("SET LOCAL createrole_self_grant = 'set, inherit'")
    for role in (*ROLES, *GROUPS):
        _make(connection, settings.login_name(role), "NOLOGIN" if role in GROUPS else "LOGIN")
    for writer in (*WRITERS, OWNER):
        _join(connection, settings.login_name(RESULTS), settings.login_name(writer))
    # Tables that batches of a killed stream left hold posts; only their owner may drop them.
    _join(connection, settings.login_name("stream"), settings.login_name("forgetter"))


def _make(connection: psycopg.Connection, name: str, login: str) -> None:
    row = connection.execute(
        sql.SQL("SELECT {} FROM pg_roles WHERE rolname = {}").format(
            sql.SQL(" OR ".join(_MIGHTY)), sql.Literal(name)
        )
    ).fetchone()
    if row is None:
        connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(name), sql.SQL(login)))
    elif row[0]:
        raise MightyRole(
            f"role {name} of the database server can do more than log in: take that from it by ALTER ROLE, or"
            " choose other names by TWEETSIEVE_DATABASE_ROLE_PREFIX"
        )


def _join(connection: psycopg.Connection, group: str, member: str) -> None:
    found = connection.execute(
        "SELECT FROM pg_auth_members WHERE roleid = %s::regrole AND member = %s::regrole", [group, member]
    ).fetchone()
    if found is None:
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(member)))


def set_passwords(connection: psycopg.Connection, settings: Settings, passwords: Mapping[str, str]) -> None:
    """Give roles their passwords; the server gets what it checks them by, which tells a log nothing."""
    for role, password in passwords.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(settings.login_name(role)), sql.Literal(verifier(password))
            )
        )


def verifier(password: str) -> str:
    """What the server keeps of a password, made on this side.

    >>> verifier("secret").partition("$")[0]
    'SCRAM-SHA-256'
    """
    unconnected = pq.PGconn.connect_start(b"")
    try:
        return unconnected.encrypt_password(password.encode(), b"", b"scram-sha-256").decode()
    finally:
        unconnected.finish()
