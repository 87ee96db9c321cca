"""The environment that every program of the stack runs in, so that all read the same settings."""

from __future__ import annotations

import json
from typing import Any

from pydantic import SecretStr

from include.infra.spark.environment import spark_environment
from include.local_stack.airflow import server as airflow
from include.settings import Settings

SECRET = ("TWEETSIEVE_POSTGRES_PASSWORD", "TWEETSIEVE_DATABASE_PASSWORDS", "TWEETSIEVE_DATABASE_ROLE")
"""What no program of the stack inherits, also where a person has set it."""


def environment(settings: Settings) -> dict[str, str]:
    """What a command of Airflow's needs that a person gives, beside the inherited variables."""
    return {
        **settings_variables(settings),
        **programs_environment(settings),
        **airflow.secret_variables(settings),
        "TWEETSIEVE_DATABASE_ROLE": "tasks",
    }


def programs_environment(settings: Settings) -> dict[str, str]:
    """What all programs of the stack inherit: no password of the database, and no key of Airflow's.

    Which role a program logs in with is in its service's own environment, its password in the state folder.
    """
    variables = settings_variables(settings)
    for name in SECRET if settings.database_roles else ():
        variables.pop(name, None)
    return {
        **variables,
        **spark_environment(settings),
        **airflow.plain_variables(settings),
        "PYTHONUNBUFFERED": "1",
        # Without compiled modules, each of eight programs compiles all of Airflow whenever it starts.
        "PYTHONDONTWRITEBYTECODE": "",
        "SPT_NOENV": "1",  # programs that set their title leave /proc/<pid>/environ readable
    }


def settings_variables(settings: Settings) -> dict[str, str]:
    """The settings that differ from their defaults, as the variables they are read from.

    >>> settings_variables(Settings(kafka_port=1234))["TWEETSIEVE_KAFKA_PORT"]
    '1234'
    """
    given = {name: getattr(settings, name) for name in settings.model_fields_set - {"java_home"}}
    given["state_dir"] = settings.state_dir.absolute()
    return {
        f"TWEETSIEVE_{name.upper()}": _text(value)
        for name, value in sorted(given.items())
        if value is not None
    }


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(
            {name: _text(one) if isinstance(one, SecretStr) else one for name, one in value.items()}
        )
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
