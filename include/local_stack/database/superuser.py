"""The embedded server's superuser: its password is generated, and set while no server listens.

The cluster of an earlier release has a password that everybody can read in that release's source, and a state
folder may have lost its secrets. Both are mended by PostgreSQL's single-user mode, which asks for no password
and opens no port, before the server starts.
"""

from __future__ import annotations

import hashlib
import secrets
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from include.infra.errors import StackError
from include.infra.processes.secret_files import kept, private_folder, read, write, write_private
from include.local_stack.database.binaries import binary
from include.local_stack.database.unprivileged import unprivileged
from include.schema.roles.login import verifier
from include.settings import Settings

FORMER = "(former)"
"""Not a role: the key of the password that a server may still have."""


def password(settings: Settings) -> str:
    """The superuser's password: the given one, else the state folder's, generated at the first call."""
    if settings.postgres_password:
        return settings.postgres_password.get_secret_value()
    return kept(settings.postgres_secrets, {settings.postgres_user: new_password})[settings.postgres_user]


def new_password() -> str:
    """A password of 256 random bits, which needs no escaping in an address, a URL or a shell."""
    return secrets.token_urlsafe(32)


def is_set(settings: Settings, data: Path) -> bool:
    """Whether the cluster has the password of the settings."""
    mark = _mark(settings)
    return mark.exists() and mark.read_text(encoding="utf-8") == _fingerprint(settings, data)


def note(settings: Settings, data: Path) -> None:
    """Remember that the cluster has the password of the settings."""
    private_folder(_mark(settings).parent)  # not there yet where the password is a person's own
    write_private(_mark(settings), _fingerprint(settings, data))


def set_password(settings: Settings, data: Path) -> None:
    """Give the superuser of a cluster whose server is down the password of the settings.

    Raises:
        StackError: PostgreSQL refused; with its message.
    """
    statement = f"ALTER ROLE CURRENT_USER LOGIN PASSWORD '{verifier(password(settings))}'\n"
    run_single(data, statement)
    note(settings, data)


def renew(settings: Settings) -> None:
    """Write a new password down, which the server takes before it opens its port; where it is not given."""
    if not settings.postgres_password and settings.postgres_host == settings.host:
        private_folder(settings.postgres_secrets.parent)
        write(settings.postgres_secrets, {settings.postgres_user: new_password()})


def change(settings: Settings, connection: psycopg.Connection, data: Path) -> None:
    """Give the superuser of a running server a new password.

    Until the server has it the former one is kept beside it, for :func:`former`.
    """
    new = new_password()
    write(settings.postgres_secrets, {settings.postgres_user: new, FORMER: password(settings)})
    connection.execute(sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(sql.Literal(verifier(new))))
    note(settings, data)
    write(settings.postgres_secrets, {settings.postgres_user: new})


def former(settings: Settings) -> str | None:
    """The password that a running server still has, where its change was not finished."""
    return None if settings.postgres_password else read(settings.postgres_secrets).get(FORMER)


def take_over(settings: Settings, connection: psycopg.Connection, data: Path) -> None:
    """Finish a change: the server gets the password of the settings.

    Args:
        connection: of the superuser, with the former password.
    """
    connection.execute(
        sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(sql.Literal(verifier(password(settings))))
    )
    note(settings, data)
    write(settings.postgres_secrets, {settings.postgres_user: password(settings)})


def run_single(data: Path, statements: str) -> None:
    """Run statements, one a line, as the superuser of a cluster whose server is down."""
    options = ["exit_on_error=on", "log_statement=none", "log_min_error_statement=panic"]
    flags = [part for option in options for part in ("-c", option)]
    command = [binary("postgres"), "--single", "-D", str(data), *flags, "postgres"]
    done = subprocess.run(unprivileged(command, data), input=statements, capture_output=True, text=True)
    if done.returncode:
        raise StackError(f"PostgreSQL could not set the passwords of {data}:\n{done.stderr}")


def _mark(settings: Settings) -> Path:
    return settings.postgres_secrets.with_name("postgres.set")


def _fingerprint(settings: Settings, data: Path) -> str:
    """Tells whether password or cluster are others; a password of a person's own can't be guessed from it."""
    identity = (data / "global" / "pg_control").read_bytes()[:8]  # the cluster's system identifier
    return hashlib.scrypt(password(settings).encode(), salt=identity, n=2**14, r=8, p=1).hex()
