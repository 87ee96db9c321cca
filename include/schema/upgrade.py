"""Upgrades of the shared tables, by Alembic. Importing it takes a second: import it where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, StaticPool, create_engine, text

from include.database_settings import OWNER
from include.infra.postgres.connection import connect
from include.schema.revision import MIGRATIONS, SchemaNotCurrent, latest_revision, present_revision
from include.settings import Settings, get_settings

LOCK = "SELECT pg_advisory_xact_lock(hashtext('tweetsieve schema'))"


def upgrade_schema(settings: Settings | None = None, to: str = "head") -> list[str]:
    """Upgrade the shared tables, in one transaction; changes nothing where they are current.

    Concurrent upgrades wait for each other. A database that a release without revisions made keeps its
    rows: the first revision leaves alone what is there already.

    Args:
        settings: whose database; the environment's by default. It must exist.
        to: a revision of this release; its latest by default.

    Returns:
        The revisions that were applied, in order.

    Raises:
        SchemaNotCurrent: a later release has upgraded the database.
        psycopg.OperationalError: the server does not answer.
        sqlalchemy.exc.DBAPIError: the server refuses a statement; the tables stay as they were.
    """
    with connect(settings) as opened, _transaction(opened) as transaction:
        transaction.execute(text(LOCK))
        _become_owner(opened, settings or get_settings())
        before = present_revision(opened)
        if before and before > latest_revision():
            raise SchemaNotCurrent(before)
        config = _config()
        config.attributes["connection"] = transaction
        command.upgrade(config, to)
        after = present_revision(opened)
    return [number for number, _ in history() if (before or "") < number <= (after or "")]


def _become_owner(connection: psycopg.Connection, settings: Settings) -> None:
    """What the upgrade makes belongs to whom the database does; where we have no roles, to who logs in."""
    owner = settings.login_name(OWNER)
    query = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    row = connection.execute(query).fetchone()
    if settings.database_roles and row and row[0] == owner:
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner)))


def history() -> list[tuple[str, str]]:
    """Every revision of this release with the first line of its description, in order."""
    script = ScriptDirectory.from_config(_config())
    steps = [(step.revision, step.doc.partition("\n")[0]) for step in script.walk_revisions()]
    return steps[::-1]


@contextmanager
def _transaction(opened: psycopg.Connection) -> Iterator[Connection]:
    """SQLAlchemy over a connection that psycopg opened: it never sees address or password."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: opened, poolclass=StaticPool)
    with engine.begin() as connection:
        yield connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
