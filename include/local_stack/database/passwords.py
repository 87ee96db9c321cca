"""The passwords of our roles: generated once, each in a file of its own."""

from __future__ import annotations

import psycopg

from include.database_settings import ROLES, Role
from include.infra.postgres.connection import connect
from include.infra.processes.secret_files import kept, private_folder, read, write
from include.local_stack.database import superuser
from include.local_stack.database.superuser import new_password
from include.schema.roles.login import set_passwords
from include.settings import Settings


def password_of(role: Role, settings: Settings) -> str:
    """A role's password: the given one, else the state folder's, generated at the first call.

    Where we have no roles, the administrator's.
    """
    if not settings.database_roles:
        return superuser.password(settings)
    if given := settings.database_passwords.get(role):
        return given.get_secret_value()
    file = settings.role_secrets(role)
    private_folder(file.parent.parent)
    return kept(file, {role: new_password})[role]


def keep_given(settings: Settings) -> None:
    """Keep the given passwords in the state folder, where a program that is not given them finds its own."""
    for role, password in settings.database_passwords.items():
        if kept_of(role, settings) != password.get_secret_value():
            private_folder(settings.role_secrets(role).parent.parent)
            private_folder(settings.role_secrets(role).parent)
            write(settings.role_secrets(role), {role: password.get_secret_value()})


def renew(settings: Settings) -> list[Role]:
    """Write new passwords down in place of those that were generated; returns whose."""
    roles = [role for role in ROLES if role not in settings.database_passwords]
    for role in roles:
        private_folder(settings.role_secrets(role).parent.parent)
        private_folder(settings.role_secrets(role).parent)
        write(settings.role_secrets(role), {role: new_password()})
    return roles


def kept_of(role: str, settings: Settings) -> str | None:
    """What the state folder has as a role's password."""
    return read(settings.role_secrets(role)).get(role)


def set_missing_passwords(connection: psycopg.Connection, settings: Settings) -> list[Role]:
    """Have every role's password be the settings' one; returns those whose password was another.

    A new role has none yet, one from before a killed change has the former one: both show when one logs in.

    Args:
        connection: of the administrator, in autocommit.
    """
    wrong = [role for role in ROLES if not _logs_in(role, password_of(role, settings), settings)]
    set_passwords(connection, settings, {role: password_of(role, settings) for role in wrong})
    return wrong


def _logs_in(role: Role, password: str, settings: Settings) -> bool:
    """Whether the server takes the password; a database where the role may do nothing tells that as well."""
    own = settings.as_role(role)
    if role == "airflow":
        own = own.model_copy(update={"postgres_database": settings.airflow_database})
    try:
        connect(own).close()
    except psycopg.OperationalError as problem:
        if "authentication failed" not in str(problem):
            raise
        return False
    return True
