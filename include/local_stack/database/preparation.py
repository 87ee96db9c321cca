"""The databases as our programs need them: who owns what, who may do what, at this release's revision.

A second run changes nothing. It takes over databases that one role owned, and those that were restored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import psycopg
from psycopg import sql

from include.database_settings import ADMINISTRATOR
from include.infra.postgres.connection import connect
from include.local_stack.database.passwords import set_missing_passwords
from include.schema.roles.grants import allow_to_connect, grant, let_read
from include.schema.roles.login import make_roles
from include.schema.roles.ownership import give_all, give_main_database
from include.schema.roles.rights import READS_EVERYTHING
from include.settings import Settings

LOCK = "SELECT pg_advisory_xact_lock(hashtext('tweetsieve roles'))"

Say = Callable[[str], None]
log = logging.getLogger(__name__)


def prepare_databases(settings: Settings, say: Say = log.info) -> None:
    """Make what is missing: roles with their passwords, databases, shared tables, and rights.

    Raises:
        MightyRole: a role of one of our names can do more than log in.
        SchemaNotCurrent: a later release has upgraded the database.
        psycopg.Error: the server does not answer, or refuses the administrator something.
    """
    settings = settings.as_role(ADMINISTRATOR)
    create_databases(settings)
    if settings.database_roles:
        prepare_roles(settings, say)
    upgrade_tables(settings, say)
    if settings.database_roles:
        with connect(settings) as connection:
            connection.execute(LOCK)
            grant(connection, settings)


def upgrade_tables(settings: Settings, say: Say) -> None:
    """Bring the shared tables to this release's revision."""
    from include.schema.upgrade import upgrade_schema

    for revision in upgrade_schema(settings):
        say(f"upgraded the shared tables to revision {revision}")


def prepare_roles(settings: Settings, say: Say) -> None:
    """Make the roles, give them what is theirs, and have them log in with the passwords of the settings."""
    with connect(settings) as connection:
        connection.execute(LOCK)
        make_roles(connection, settings)
        give_main_database(connection, settings)
        grant(connection, settings)
    with connect(of_airflow(settings)) as connection:
        connection.execute(LOCK)
        owner, reader = settings.login_name("airflow"), settings.login_name(READS_EVERYTHING)
        give_all(connection, owner)
        for what in ("TABLES", "SEQUENCES"):
            let_read(connection, owner, reader, what)
        allow_to_connect(
            connection,
            {
                owner: ("CONNECT", "TEMPORARY", "CREATE"),
                reader: ("CONNECT",),
            },
            settings,
        )
    with connect(settings, autocommit=True) as connection:
        if changed := set_missing_passwords(connection, settings):
            say(f"set the database passwords of {', '.join(changed)}")


def of_airflow(settings: Settings) -> Settings:
    """The same settings, by which one connects to Airflow's own database."""
    return settings.model_copy(update={"postgres_database": settings.airflow_database})


def create_databases(settings: Settings) -> None:
    """Create both databases where they are missing, as the administrator."""
    settings = settings.as_role(ADMINISTRATOR)
    with _connect_anywhere(settings) as connection:
        for name in (settings.postgres_database, settings.airflow_database):
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _connect_anywhere(settings: Settings) -> psycopg.Connection:
    try:
        return connect(settings, autocommit=True)
    except psycopg.OperationalError as problem:
        if "does not exist" not in str(problem):
            raise
    return connect(settings.model_copy(update={"postgres_database": "postgres"}), autocommit=True)
