"""The settings of who logs in to the database: part of :class:`include.settings.Settings`.

Each program has a role of its own, with the rights that it needs and no others; see
docs/decisions/0041-each-program-has-a-role-of-its-own.md.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

ADMINISTRATOR: Literal[""] = ""
"""No role of ours: ``postgres_user``, who makes the databases and all other roles."""

Role = Literal[
    "stream", "tagger", "dashboard", "inbox", "monitor", "tasks", "keeper", "backup", "airflow", "forgetter"
]
"""Who can log in.

inbox: the page of emotional messages.
tasks: the tasks of the DAGs.
keeper: housekeeping, which deletes old rows.
backup: reads everything, Airflow's metadata too.
airflow: owns Airflow's own database, and has no access to ours.
forgetter: who redacts what people want forgotten; nobody else may change a text.
"""

OWNER: Literal["owner"] = "owner"
"""Owns the database and the shared tables. Nobody can log in as it; who upgrades becomes it."""

ROLES: tuple[Role, ...] = Role.__args__  # type: ignore[attr-defined]


class DatabaseSettings(BaseSettings):
    """Roles and their passwords."""

    database_roles: bool = Field(
        True,
        description="Each program logs in with a role of its own, which 'make up' makes. False: all of them"
        " as TWEETSIEVE_POSTGRES_USER, where that may not create roles.",
    )
    database_role: Role | Literal[""] = Field(
        ADMINISTRATOR,
        description="The role of this program, as in docs/database-roles.md; empty means the administrator.",
    )
    database_role_prefix: str = Field(
        "tweetsieve",
        pattern=r"^[a-z][a-z0-9_]{0,30}$",
        description="What the roles' names begin with: <prefix>_<role>.",
    )
    database_passwords: Annotated[dict[str, SecretStr], NoDecode] = Field(
        {},
        description='Passwords of roles, as JSON: {"stream": "..."}; others are generated.',
    )

    @field_validator("database_passwords", mode="before")
    @classmethod
    def _passwords_by_role(cls, value: object) -> object:
        """Empty means none. A message holds no value: it would be a secret."""
        if not isinstance(value, str):
            return value
        try:
            passwords = json.loads(value or "{}")
        except ValueError:
            passwords = None
        if not isinstance(passwords, dict) or not all(isinstance(one, str) for one in passwords.values()):
            raise ValueError(
                "TWEETSIEVE_DATABASE_PASSWORDS is not a JSON object of a password by role, such as "
                '{"stream": "..."}'
            )
        if unknown := sorted(set(passwords) - set(ROLES)):
            raise ValueError(
                f"TWEETSIEVE_DATABASE_PASSWORDS names {', '.join(unknown)}, none of {', '.join(ROLES)}"
            )
        return passwords

    @property
    def logs_in_as(self) -> str:
        """The role of this process, ``ADMINISTRATOR`` where there are no roles of ours."""
        return self.database_role if self.database_roles else ADMINISTRATOR

    def login_name(self, role: str) -> str:
        """What a role is called on the server."""
        return f"{self.database_role_prefix}_{role}"

    def as_role(self, role: Role | Literal[""]) -> Self:
        """The same settings, by which one logs in with another role."""
        return self.model_copy(update={"database_role": role})
