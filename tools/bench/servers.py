"""The servers of one benchmark run: on free ports, their state in a folder that is gone afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from psycopg import sql
from pydantic import SecretStr

from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.infra.processes.service import running
from include.infra.spark.environment import spark_environment
from include.local_stack import kafka, postgres, programs
from include.local_stack.database.preparation import prepare_databases
from include.local_stack.environment import settings_variables
from include.settings import Settings

PORTS = ("postgres_port", "kafka_port", "kafka_controller_port", "serving_port")


@contextmanager
def servers(folder: Path) -> Iterator[Settings]:
    """Postgres and Kafka as the embedded stack runs them, on ports of their own."""
    state = Path(tempfile.mkdtemp(prefix="tweetsieve-bench-", dir=folder))
    ports: dict[str, Any] = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    password = SecretStr(secrets.token_urlsafe())  # parts of the benchmark have state folders of their own
    settings = Settings(
        _env_file=None,
        state_dir=state,
        postgres_password=password,
        ai_topic="bench",
        mix_topic="bench",
        **ports,
    )
    if settings.kafka_mechanism:
        settings = settings.model_copy(update={"kafka_password": password})
    os.environ |= environment(settings)
    try:
        with ExitStack() as stack:
            for service in (postgres.service(settings), kafka.service(settings)):
                stack.enter_context(running(service, settings.logs_dir))
            yield fresh_database(settings, "bench")
    finally:
        shutil.rmtree(state, ignore_errors=True)


@contextmanager
def model_server(settings: Settings) -> Iterator[None]:
    """The local model server, in its own process on the same cores."""
    with running(programs.model_server(settings), settings.logs_dir):
        yield


def fresh_database(settings: Settings, name: str) -> Settings:
    """Settings of an empty database with the shared tables."""
    own = settings.model_copy(update={"postgres_database": name})
    prepare_databases(own)
    return own


def drop_database(settings: Settings, own: Settings) -> None:
    """Drop the database of ``own``, whoever is still connected to it."""
    with connect(settings, autocommit=True) as connection:
        name = sql.Identifier(own.postgres_database)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def environment(settings: Settings) -> dict[str, str]:
    """What a program of this stack finds in its environment."""
    return {
        **settings_variables(settings),
        **spark_environment(settings),
        "PYTHONDONTWRITEBYTECODE": "",
    }
