"""The embedded Airflow: its settings by environment only, its four programs, its database."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from include.infra.errors import StackError
from include.infra.kafka.connection import airflow_extra
from include.infra.postgres.connection import connect, query
from include.infra.postgres.tls import libpq_options
from include.infra.processes.secret_files import kept
from include.infra.processes.service import Service, log_tail
from include.local_stack.broker import credentials
from include.local_stack.database.passwords import password_of
from include.settings import PROJECT_ROOT, Settings

ADMIN = "admin"
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
PROGRAMS = ("api-server", "scheduler", "dag-processor", "triggerer")


def url(settings: Settings) -> str:
    """Base URL of the UI and the REST API."""
    return f"http://{settings.host}:{settings.airflow_port}"


def admin_password(settings: Settings) -> str:
    """The password of the user ``admin``, generated once per state folder."""
    return kept(passwords_file(settings), {ADMIN: new_admin_password})[ADMIN]


def new_admin_password() -> str:
    """A password that a person may have to type."""
    return secrets.token_urlsafe(12)


def kept_password(settings: Settings) -> str | None:
    """The password that was generated; None where there is none yet."""
    return admin_password(settings) if passwords_file(settings).exists() else None


def variables(settings: Settings) -> dict[str, str]:
    """Airflow's own configuration and connections, as environment variables, with its secrets."""
    return {**plain_variables(settings), **secret_variables(settings)}


def secret_variables(settings: Settings) -> dict[str, str]:
    """Those of them that hold a secret."""
    keys = kept(keys_file(settings), MAKE_KEY)
    return {
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet_key"],
        "AIRFLOW__API__SECRET_KEY": keys["api_secret"],
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt_secret"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url(settings),
        **_async_database(settings),
        "AIRFLOW_CONN_STREAMINGDB": json.dumps(_streamingdb(settings)),
        "AIRFLOW_CONN_KAFKA_DEFAULT": json.dumps(_kafka(settings)),
    }


def plain_variables(settings: Settings) -> dict[str, str]:
    """Those of them that anybody may see."""
    admin_password(settings)
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
        **_login(settings),
        "AIRFLOW__API__HOST": settings.host,
        "AIRFLOW__API__PORT": str(settings.airflow_port),
        "AIRFLOW__API__BASE_URL": settings.airflow_url or url(settings),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        # A file that has changed is read at the next refresh; the others would cost a tenth of a core.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(task_logs(settings)),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(
            task_logs(settings) / "dag_processor"
        ),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps({"conn_type": "spark", "host": settings.spark_master}),
    }


def services(settings: Settings) -> list[Service]:
    """Airflow's four programs. None serves logs over HTTP: the API server reads them from the disk."""
    server = ["api-server", "--host", settings.host, "--port", str(settings.airflow_port)]
    return [
        Service(
            name="api-server",
            command=_program(*server),
            environment={"TWEETSIEVE_DATABASE_ROLE": "tasks"},
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
    log = settings.logs_dir / "airflow-migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == installed and has_schema(settings)):
        say("preparing Airflow's database")
        _run(_airflow("db", "migrate"), environment, log)
        stamp.write_text(installed, encoding="utf-8")
    if has_roles(settings):
        say("preparing Airflow's users and roles")
        _run([sys.executable, "-m", "include.local_stack.airflow.accounts"], environment, log)


def _run(command: list[str], environment: dict[str, str], log: Path) -> None:
    """Run to its end.

    Raises:
        StackError: it failed; with the end of its output.
    """
    with log.open("ab") as output:
        done = subprocess.run(
            command, cwd=PROJECT_ROOT, env=os.environ | environment, stdout=output, stderr=output
        )
    if done.returncode:
        raise StackError(f"'{' '.join(command[2:])}' failed; {log} ends:\n{log_tail(log)}")


def _component(settings: Settings, name: str, health_key: str, *options: str) -> Service:
    return Service(
        name=name,
        command=_program(name, *options),
        environment={"TWEETSIEVE_DATABASE_ROLE": "tasks"},
        ready=lambda: _healthy(settings, health_key),
        start_seconds=300,
        stop_seconds=25,
    )


def _airflow(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *arguments]


def _program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "include.local_stack.airflow.program", *arguments]


def _healthy(settings: Settings, component: str) -> bool:
    health = _get(settings, "monitor/health") or {}
    return (health.get(component) or {}).get("status") == "healthy"


def _get(settings: Settings, path: str) -> dict | None:
    try:
        answer = httpx.get(f"{url(settings)}/api/v2/{path}", timeout=5, trust_env=False)
        return answer.json() if answer.is_success else None
    except (httpx.HTTPError, ValueError):
        return None


def has_schema(settings: Settings) -> bool:
    """Whether Airflow's database has Airflow's tables."""
    with connect(own_database(settings)) as connection:
        row = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        return bool(row and row[0])


def own_database(settings: Settings) -> Settings:
    """The same settings, by which one connects to Airflow's own database, as Airflow does."""
    changes = {"postgres_database": settings.airflow_database}
    return settings.as_role("airflow").model_copy(update=changes)


def database_url(settings: Settings) -> str:
    """The address of Airflow's database as SQLAlchemy reads it, with the password."""
    own = own_database(settings)
    password_of("airflow", settings)  # generated before the server's first start, which may still be to come
    user, password = (
        quote(own.database_user, safe=""),
        quote(own.database_password.get_secret_value(), safe=""),
    )
    server = f"{settings.postgres_host}:{settings.postgres_port}"
    options = query(libpq_options(settings))
    return f"postgresql+psycopg2://{user}:{password}@{server}/{settings.airflow_database}{options}"


def _async_database(settings: Settings) -> dict[str, str]:
    """Of asynchronous sessions, where TLS is asked for: asyncpg, Airflow's choice, has other words for it."""
    if not settings.postgres_sslmode:
        return {}
    address = database_url(settings).replace("+psycopg2:", "+psycopg_async:", 1)
    return {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": address}


def has_roles(settings: Settings) -> bool:
    """Whether Airflow has users and roles, rather than one administrator."""
    return settings.production or settings.oidc


def _login(settings: Settings) -> dict[str, str]:
    if has_roles(settings):
        return {
            "AIRFLOW__CORE__AUTH_MANAGER": FAB,
            "AIRFLOW__FAB__CONFIG_FILE": str(Path(__file__).with_name("fab_config.py")),
        }
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(settings)),
    }


def _kafka(settings: Settings) -> dict[str, Any]:
    if not settings.kafka_bootstrap_servers:
        credentials.passwords(settings)  # generated before the broker's first start
    return {"conn_type": "kafka", "extra": airflow_extra(settings)}


def _streamingdb(settings: Settings) -> dict[str, Any]:
    own = settings.as_role("tasks")
    password_of("tasks", settings)
    return {
        "conn_type": "postgres",
        "host": settings.postgres_host,
        "port": settings.postgres_port,
        "login": own.database_user,
        "password": own.database_password.get_secret_value(),
        "schema": settings.postgres_database,
        **({"extra": options} if (options := libpq_options(settings)) else {}),
    }


def _new_fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


MAKE_KEY: dict[str, Callable[[], str]] = {
    "fernet_key": _new_fernet_key,
    "api_secret": lambda: secrets.token_urlsafe(32),
    "jwt_secret": lambda: secrets.token_urlsafe(64),
}


def keys_file(settings: Settings) -> Path:
    """Where Airflow's generated keys are kept, readable by their owner only."""
    return _home(settings) / "keys.json"


def _home(settings: Settings) -> Path:
    return settings.state_dir.absolute() / "airflow"


def task_logs(settings: Settings) -> Path:
    """The folder of Airflow's logs, a folder below it per DAG, run and task."""
    return settings.logs_dir.absolute() / "airflow"


def passwords_file(settings: Settings) -> Path:
    """Where the generated password of ``admin`` is kept, readable by its owner only."""
    return _home(settings) / "passwords.json"
