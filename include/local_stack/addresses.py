"""Where a person goes once the stack is up: the addresses, and how to log in."""

from __future__ import annotations

import os
from pathlib import Path

from include.local_stack.airflow import server as airflow
from include.settings import Settings


def addresses(settings: Settings) -> dict[str, str]:
    """Where to look, by name."""
    web = f"http://{settings.host}"
    return {
        "airflow": airflow.url(settings),
        "tagger": f"{web}:{settings.tagger_port}",
        "dashboard": f"{web}:{settings.dashboard_port}",
        "inbox": f"{web}:{settings.inbox_port}",
        "metrics": f"{web}:{settings.monitor_port}/metrics",
        "model server": f"{settings.model_url}/v1/models/{settings.model_name}",
        "postgres": f"{settings.postgres_host}:{settings.postgres_port}/{settings.postgres_database}",
        "kafka": settings.kafka_bootstrap,
    }


def where_to_look(settings: Settings) -> list[str]:
    """The lines that ``make up``, ``make status`` and ``make demo`` end with; never the password itself."""
    log_in = {"airflow": _log_in(airflow.ADMIN, airflow.passwords_file(settings))}
    if not settings.postgres_password:
        log_in["postgres"] = _log_in(settings.postgres_user, settings.postgres_secrets)
    if not (settings.kafka_bootstrap_servers or settings.kafka_password):
        log_in["kafka"] = _log_in(settings.kafka_username, settings.kafka_secrets)
    return [
        *(f"{name:13} {where}{log_in.get(name, '')}" for name, where in addresses(settings).items()),
        "Airflow's password: make password; programs: make status; logs: make logs; stop: make down",
    ]


def _log_in(user: str, secrets: Path) -> str:
    return f"   log in as {user}; the password is in {shortest(secrets)}"


def shortest(path: Path) -> str:
    """Relative to where the person is, where that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)
