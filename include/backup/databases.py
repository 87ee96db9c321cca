"""Databases in and out of a backup, by PostgreSQL's own pg_dump and pg_restore.

pg_dump reads one snapshot of the whole database and takes no lock that a reader or writer of rows waits for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from include.errors import UserError
from include.infra.postgres.connection import conninfo
from include.local_stack.database.binaries import binary
from include.settings import Settings

LOCK_SECONDS = 60
"""How long pg_dump waits for a table that is being replaced."""

LEFT_OUT = ("--exclude-table=stream_stage_*", "--exclude-schema=building_*", "--no-unlogged-table-data")
"""Unfinished tables. A stream drops its own after each batch, which a dump of them would hold up."""


class DatabaseToolFailed(UserError):
    """pg_dump or pg_restore ended with an error; the message is theirs."""


def dump(settings: Settings, database: str, target: Path) -> None:
    """Write a database's snapshot, compressed.

    Raises:
        DatabaseToolFailed: with pg_dump's message.
    """
    _run(
        settings, database, "pg_dump", "--format=custom", f"--file={target}", *LEFT_OUT,
        f"--lock-wait-timeout={LOCK_SECONDS}s",
    )  # fmt: skip


def load(settings: Settings, database: str, source: Path) -> None:
    """Write a dump into an empty database: all of it, or nothing.

    Raises:
        DatabaseToolFailed: with pg_restore's message.
    """
    _run(
        settings, database, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner",
        "--no-privileges", str(source),
    )  # fmt: skip


def database_bytes(connection: psycopg.Connection) -> int:
    """What the database takes on the disk, indexes included; asking waits for no lock on a table."""
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def count_tables(connection: psycopg.Connection) -> int:
    """Tables of the database that are not PostgreSQL's own."""
    row = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace NOT IN"
        " ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)"
    ).fetchone()
    return int(row[0]) if row else 0


def open_database(settings: Settings, database: str) -> psycopg.Connection:
    """A connection to a database of our server, in autocommit mode."""
    return psycopg.connect(make_conninfo(conninfo(settings), dbname=database), autocommit=True)


def create_missing(settings: Settings, database: str) -> None:
    """Create a database of our server where there is none of this name."""
    with open_database(settings, settings.postgres_database) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def _program(tool: str, settings: Settings) -> str:
    """The wheel's own; it is built without TLS, so that where that is asked for the machine's is taken.

    Raises:
        DatabaseToolFailed: the machine has none.
    """
    if settings.postgres_sslmode in (None, "disable", "allow", "prefer"):
        return binary(tool)
    if found := shutil.which(tool):
        return found
    raise DatabaseToolFailed(
        f"{tool} is not on the PATH, and the one that is installed with this project speaks no TLS, which"
        f" TWEETSIEVE_POSTGRES_SSLMODE={settings.postgres_sslmode} asks for: install PostgreSQL's client"
        " programs"
    )


def _run(settings: Settings, database: str, tool: str, *arguments: str) -> None:
    """The password goes by the environment: other users see a program's arguments."""
    address = make_conninfo(conninfo(settings), dbname=database)
    password = str(conninfo_to_dict(address).get("password", ""))
    named = {name: str(value) for name, value in conninfo_to_dict(address).items() if name != "password"}
    command = [
        _program(tool, settings),
        "--no-password",
        f"--dbname={make_conninfo('', **named)}",
        *arguments,
    ]
    done = subprocess.run(
        ["nice", "-n", "10", *command],
        env=os.environ | {"PGPASSWORD": password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise DatabaseToolFailed(f"{tool} of database {database} failed: {done.stderr.strip()[-2000:]}")
