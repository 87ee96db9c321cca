"""The embedded Airflow: its settings by environment only, its four programs, its database."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx

from include.infra.errors import StackError
from include.infra.kafka.connection import airflow_extra
from include.infra.postgres.connection import connect, query
from include.infra.postgres.tls import libpq_options
from include.infra.processes.secret_files import kept
from include.infra.processes.service import Service, log_tail
from include.local_stack.broker import credentials
from include.local_stack.database import superuser
from include.settings import PROJECT_ROOT, Settings

ADMIN = "admin"
PROGRAMS = ("api-server", "scheduler", "dag-processor", "triggerer")


def url(settings: Settings) -> str:
    """Base URL of the UI and the REST API."""
    return f"http://{settings.host}:{settings.airflow_port}"


def admin_password(settings: Settings) -> str:
    """The password of the user ``admin``, generated once per state folder."""
    return kept(passwords_file(settings), {ADMIN: lambda: secrets.token_urlsafe(12)})[ADMIN]


def kept_password(settings: Settings) -> str | None:
    """The password that was generated; None where there is none yet."""
    return admin_password(settings) if passwords_file(settings).exists() else None


def variables(settings: Settings) -> dict[str, str]:
    """Airflow's own configuration and connections, as environment variables."""
    admin_password(settings)
    superuser.password(settings)  # generated before the server's first start, which may still be to come
    if not settings.kafka_bootstrap_servers:
        credentials.passwords(settings)  # the same
    keys = kept(_home(settings) / "keys.json", _KEYS)
    connections = {
        f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in _connections(settings).items()
    }
    return {
        "AIRFLOW_HOME": str(_home(settings)),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "detached_executor.DetachedLocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(settings.airflow_parallelism),
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url(settings)}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(settings)),
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet_key"],
        "AIRFLOW__API__SECRET_KEY": keys["api_secret"],
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt_secret"],
        "AIRFLOW__API__HOST": settings.host,
        "AIRFLOW__API__PORT": str(settings.airflow_port),
        "AIRFLOW__API__BASE_URL": url(settings),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url(settings),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(task_logs(settings)),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(
            task_logs(settings) / "dag_processor"
        ),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        **_async_database(settings),
        **connections,
    }


def services(settings: Settings) -> list[Service]:
    """Airflow's four programs. None serves logs over HTTP: the API server reads them from the disk."""
    server = ["api-server", "--host", settings.host, "--port", str(settings.airflow_port)]
    return [
        Service(
            name="api-server",
            command=_airflow(*server),
            ready=lambda: _get(settings, "version") is not None,
            ports={"airflow_port": settings.airflow_port},
            start_seconds=300,
        ),
        _component(settings, "scheduler", "scheduler", "--skip-serve-logs"),
        _component(settings, "dag-processor", "dag_processor"),
        _component(settings, "triggerer", "triggerer", "--skip-serve-logs"),
    ]


def migrate(settings: Settings, environment: dict[str, str], say: Callable[[str], None]) -> None:
    """Bring Airflow's database to the installed version's schema; a second call does nothing.

    Args:
        environment: what Airflow's programs run in, beside the inherited variables.
        say: receives a line where there is something to do.

    Raises:
        StackError: the migration failed; with the end of its output.
    """
    from importlib.metadata import version

    stamp = _home(settings) / "migrated"
    installed = version("apache-airflow-core")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == installed and _has_schema(settings):
        return
    say("preparing Airflow's database")
    log = settings.logs_dir / "airflow-migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        command = _airflow("db", "migrate")
        done = subprocess.run(command, env=os.environ | environment, stdout=output, stderr=output)
    if done.returncode:
        raise StackError(f"'airflow db migrate' failed; {log} ends:\n{log_tail(log)}")
    stamp.write_text(installed, encoding="utf-8")


def _component(settings: Settings, name: str, health_key: str, *options: str) -> Service:
    return Service(
        name=name,
        command=_airflow(name, *options),
        ready=lambda: _healthy(settings, health_key),
        start_seconds=300,
        stop_seconds=25,
    )


def _airflow(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *arguments]


def _healthy(settings: Settings, component: str) -> bool:
    health = _get(settings, "monitor/health") or {}
    return (health.get(component) or {}).get("status") == "healthy"


def _get(settings: Settings, path: str) -> dict | None:
    try:
        answer = httpx.get(f"{url(settings)}/api/v2/{path}", timeout=5, trust_env=False)
        return answer.json() if answer.is_success else None
    except (httpx.HTTPError, ValueError):
        return None


def _has_schema(settings: Settings) -> bool:
    with connect(settings.model_copy(update={"postgres_database": settings.airflow_database})) as connection:
        row = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        return bool(row and row[0])


def database_url(settings: Settings) -> str:
    """The address of Airflow's database as SQLAlchemy reads it, with the password."""
    user = quote(settings.postgres_user, safe="")
    password = quote(settings.database_password.get_secret_value(), safe="")
    server = f"{settings.postgres_host}:{settings.postgres_port}"
    options = query(libpq_options(settings))
    return f"postgresql+psycopg2://{user}:{password}@{server}/{settings.airflow_database}{options}"


def _async_database(settings: Settings) -> dict[str, str]:
    """Of asynchronous sessions, where TLS is asked for: asyncpg, Airflow's choice, has other words for it."""
    if not settings.postgres_sslmode:
        return {}
    address = database_url(settings).replace("+psycopg2:", "+psycopg_async:", 1)
    return {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": address}


def _connections(settings: Settings) -> dict[str, dict]:
    return {
        "spark_default": {"conn_type": "spark", "host": settings.spark_master},
        "kafka_default": {"conn_type": "kafka", "extra": airflow_extra(settings)},
        "streamingdb": {
            "conn_type": "postgres",
            "host": settings.postgres_host,
            "port": settings.postgres_port,
            "login": settings.postgres_user,
            "password": settings.database_password.get_secret_value(),
            "schema": settings.postgres_database,
            **({"extra": options} if (options := libpq_options(settings)) else {}),
        },
    }


def _new_fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


_KEYS = {
    "fernet_key": _new_fernet_key,
    "api_secret": lambda: secrets.token_urlsafe(32),
    "jwt_secret": lambda: secrets.token_urlsafe(64),
}


def _home(settings: Settings) -> Path:
    return settings.state_dir.absolute() / "airflow"


def task_logs(settings: Settings) -> Path:
    """The folder of Airflow's logs, a folder below it per DAG, run and task."""
    return settings.logs_dir.absolute() / "airflow"


def passwords_file(settings: Settings) -> Path:
    """Where the generated password of ``admin`` is kept, readable by its owner only."""
    return _home(settings) / "passwords.json"
