"""The environment that every program of the stack runs in, so that all read the same settings."""

from __future__ import annotations

import json
from typing import Any

from pydantic import SecretStr

from include.infra.spark.environment import spark_environment
from include.local_stack.airflow import server as airflow
from include.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """Everything that Airflow, Spark, the servers and the pages need, beside the inherited variables."""
    return {
        **settings_variables(settings),
        **spark_environment(settings),
        **airflow.variables(settings),
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
        return json.dumps(value)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
