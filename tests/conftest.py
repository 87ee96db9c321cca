"""A stack of the tests' own: real servers on free ports, with their state in a temporary folder.

``settings`` alone starts nothing; ``database``, ``kafka`` and ``spark`` start what they name, once
per session, and stop it at the end.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import psycopg
import pytest

from include.database_settings import ROLES
from include.infra.processes.ports import free_port_settings
from include.settings import PROJECT_ROOT, Settings, get_settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("repeatable")

MARKS = {"database": "stack", "kafka": "stack", "spark": "spark"}
"""Fixtures that start something, and the mark that a test of theirs gets by itself."""


JAVA_OPTIONS = "-XX:TieredStopAtLevel=1"
"""A JVM of the tests lives for seconds to minutes: optimizing its code costs it more than it gains.

Java prints them on standard error, as "Picked up JAVA_TOOL_OPTIONS".
"""


def pytest_configure() -> None:
    """For every Java program that a test or one of its servers starts; a developer's own options win."""
    os.environ.setdefault("JAVA_TOOL_OPTIONS", JAVA_OPTIONS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they start, so that ``make test-fast`` can leave them out."""
    for item in items:
        for fixture in MARKS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKS[fixture])


def pytest_unconfigure() -> None:
    """py4j still logs in its destructors, when pytest has closed what its handlers write to."""
    logging.raiseExceptions = False


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of the tests' stack; programs that a test starts inherit them by the environment."""
    values = {name: str(port) for name, port in free_port_settings().items()}
    values["state_dir"] = str(tmp_path_factory.mktemp("state"))
    values["canary_seconds"] = "0"  # but where a test is about the canary
    # Also known where a test has its own state folder:
    for server in ("postgres", "kafka"):
        values[f"{server}_password"] = secrets.token_urlsafe()
    values["database_passwords"] = json.dumps({role: secrets.token_urlsafe() for role in ROLES})
    values["kafka_security_protocol"] = "SASL_PLAINTEXT"  # also where a test names brokers
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("TWEETSIEVE_")]:
            patch.delenv(name)
        patch.setitem(Settings.model_config, "env_file", None)  # a developer's .env is not a test's
        for name, value in values.items():
            patch.setenv(f"TWEETSIEVE_{name.upper()}", value)
        get_settings.cache_clear()
        yield get_settings()
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def database(settings: Settings) -> Iterator[Settings]:
    """A real PostgreSQL with the tables that are not versioned."""
    from include.infra.processes.service import running
    from include.local_stack import postgres
    from include.local_stack.database.preparation import prepare_databases

    with running(postgres.service(settings), settings.logs_dir):
        prepare_databases(settings)
        yield settings


@pytest.fixture
def connection(database: Settings) -> Iterator[psycopg.Connection]:
    """A connection to the main database; what the test leaves uncommitted is rolled back."""
    from include.infra.postgres.connection import connect

    opened = connect(database)
    yield opened
    opened.rollback()
    opened.close()


@pytest.fixture(scope="session")
def kafka(settings: Settings) -> Iterator[Settings]:
    """A real broker."""
    from include.infra.processes.service import running
    from include.local_stack import kafka

    with running(kafka.service(settings), settings.logs_dir):
        yield settings


@pytest.fixture(scope="session")
def spark(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session on two cores with the Kafka connector and the PostgreSQL driver."""
    from include.infra.spark.environment import spark_environment
    from include.infra.spark.jars import spark_jars

    with pytest.MonkeyPatch.context() as patch:
        for name, value in spark_environment(settings).items():
            patch.setenv(name, value)
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[2]")
            .appName("tests")
            .config("spark.jars", ",".join(str(jar) for jar in spark_jars(settings)))
            .config("spark.driver.memory", "1g")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
            .config("spark.ui.enabled", "false")
            .getOrCreate()
        )
        yield session
        session.stop()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real posts beside the checkout; tests on it are skipped where it is absent."""
    folder = PROJECT_ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is absent")
    return folder
