"""Over TLS to a Kafka and a PostgreSQL that take nothing else, and nobody without a certificate."""

from __future__ import annotations

import dataclasses
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from pydantic import SecretStr

from include.backup.databases import DatabaseToolFailed, dump
from include.errors import UserError
from include.infra.kafka.admin import Broker, BrokerRefuses, BrokerUnavailable
from include.infra.postgres.connection import connect
from include.infra.postgres.tls import DatabaseRefuses
from include.infra.processes.ports import free_ports
from include.infra.processes.service import Service, running
from include.infra.spark.read_table import read_table
from include.local_stack import kafka, postgres
from include.local_stack.airflow import server as airflow
from include.local_stack.database.preparation import prepare_databases
from include.local_stack.properties import as_properties
from include.settings import PROJECT_ROOT, Settings
from tests.support.running.certificates import Authority, Pair
from tests.support.running.tls_proxy import tls_proxy
from tests.support.streaming.numbers import pairs
from tests.support.streaming.stream import Stream
from tests.support.streaming.workload_folders import with_workloads

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(1200)]

ASK = """
import asyncio, sys
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

async def ask(address):
    async with create_async_engine(address).connect() as connection:
        return (await connection.execute(text("SELECT true"))).scalar()

address = sys.argv[1]
if "+psycopg_async:" in address:
    print(asyncio.run(ask(address)))
else:
    with create_engine(address).connect() as connection:
        print(connection.execute(text("SELECT true")).scalar())
"""
"""Answers True where the database at the address does."""

TOPIC, HOSTS = "numbers_tls_in", ("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder, "ours")


@pytest.fixture(scope="module")
def clients(settings: Settings, authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """What a program on the servers' clients is told."""
    person = authority.issue("tweetsieve")
    broker, controller, database = free_ports(3)
    return Settings(
        _env_file=None,
        state_dir=tmp_path_factory.mktemp("state"),
        postgres_host="localhost",
        postgres_port=database,
        postgres_password=SecretStr(secrets.token_urlsafe()),
        postgres_sslmode="verify-full",
        postgres_sslrootcert=authority.certificate,
        postgres_sslcert=person.certificate,
        postgres_sslkey=person.key,
        kafka_bootstrap_servers=f"localhost:{broker}",
        kafka_port=broker,
        kafka_controller_port=controller,
        kafka_security_protocol="SASL_SSL",
        kafka_password=SecretStr('a "b\\c'),
        kafka_ssl_ca=authority.certificate,
        kafka_ssl_certificate=person.certificate,
        kafka_ssl_key=person.key,
    )


@pytest.fixture(scope="module")
def servers(clients: Settings, authority: Authority) -> Iterator[Settings]:
    ca = authority.certificate
    database, broker = authority.issue("database", ("localhost",)), authority.issue("broker", HOSTS)
    (port,) = free_ports(1)
    inside = Settings(
        _env_file=None,
        state_dir=clients.state_dir,
        postgres_port=port,
        postgres_password=clients.postgres_password,
    )
    with (
        running(postgres.service(inside), clients.logs_dir),
        tls_proxy(clients.postgres_port, port, database, ca),
        running(secure_broker(clients, ca, broker), clients.logs_dir),
    ):
        yield clients


def maintenance(settings: Settings) -> psycopg.Connection:
    return connect(settings.model_copy(update={"postgres_database": "postgres"}), autocommit=True)


def secure_broker(settings: Settings, ca: Path, pair: Pair) -> Service:
    """The embedded broker with TLS around its log-in, by certificates of the same authority on both sides."""
    service = kafka.service(settings)
    keystore = pair.key.with_name("keystore.pem")
    options = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(ca),
        "listener.name.clients.ssl.client.auth": "required",  # a log-in by SASL is enough otherwise
    }

    def prepare() -> None:
        keystore.write_text(pair.key.read_text() + pair.certificate.read_text())
        service.prepare()
        with (kafka.data_dir(settings) / "server.properties").open("a", encoding="ascii") as file:
            file.write(as_properties(options))

    return dataclasses.replace(service, prepare=prepare)


def test_a_stream_goes_from_one_to_the_other(servers: Settings) -> None:
    with maintenance(servers) as server:
        server.execute(f"CREATE DATABASE {servers.postgres_database}")
    prepare_databases(servers)
    servers.logs_dir.mkdir(exist_ok=True)
    variables = {"TWEETSIEVE_NUMBERS_TOPIC": TOPIC, "TWEETSIEVE_NUMBERS_RESULTS_TOPIC": "numbers_tls_out"}
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        own = with_workloads(servers, PROJECT_ROOT / "tests" / "support" / "workloads")
        numbers = Stream(own, "numbers", stack)
        Broker(own).create_missing([TOPIC])
        numbers.send(TOPIC, pairs(0, 500))
        numbers.run_to_the_end()
        assert numbers.ask("SELECT count(*) FROM numbers") == sum(
            map(sum, ([*parts.values()] for parts in Broker(own).highs(["numbers_tls_out"]).values()))
        )
        assert numbers.ask("SELECT count(*) FROM numbers") > 400
        log = numbers.log.read_text(errors="replace")
    for secret in (servers.postgres_password, servers.kafka_password):
        assert secret.get_secret_value() not in log


def test_what_else_reads_the_database_does_so_over_tls(servers: Settings, spark: SparkSession) -> None:
    with maintenance(servers) as server:
        assert server.pgconn.ssl_in_use
    with connect(servers) as connection:
        connection.execute("CREATE TABLE seen AS SELECT generate_series(1, 3) AS number")
    assert sorted(row.number for row in read_table(spark, "seen", ["number"], servers).collect()) == [1, 2, 3]
    for name in ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"):
        # In a process of its own, as Airflow's are: psycopg2 brings an OpenSSL that gets mixed up with
        # TensorFlow's and others', and such a process ends in it.
        done = subprocess.run(
            [sys.executable, "-c", ASK, airflow.variables(servers)[name]], capture_output=True, text=True
        )
        assert done.stdout == "True\n", done.stderr


def test_a_server_that_somebody_else_vouches_for_is_refused_by_name(servers: Settings, folder: Path) -> None:
    others = Authority(folder, "others").certificate
    for update, said in (
        ({"postgres_sslrootcert": others}, "certificate verify failed.*TWEETSIEVE_POSTGRES_SSLROOTCERT"),
        ({"postgres_host": "127.0.0.1"}, "does not match host name.*TWEETSIEVE_POSTGRES_SSLMODE=verify-full"),
    ):
        with pytest.raises(DatabaseRefuses, match=said) as refusal:
            maintenance(servers.model_copy(update=update))
        assert isinstance(refusal.value, UserError | psycopg.OperationalError)
    with pytest.raises(BrokerRefuses, match=r"certificate.*TWEETSIEVE_KAFKA_SSL_CA"):
        Broker(servers.model_copy(update={"kafka_ssl_ca": others}), timeout=20).highs([TOPIC])


def test_nobody_gets_in_without_tls_or_without_a_certificate(servers: Settings) -> None:
    bare = {"postgres_sslmode": "disable", "postgres_sslrootcert": None}
    nameless = {"postgres_sslcert": None, "postgres_sslkey": None}
    with pytest.raises(psycopg.OperationalError):
        maintenance(servers.model_copy(update=bare | nameless))
    with pytest.raises(DatabaseRefuses, match="certificate"):
        maintenance(servers.model_copy(update=nameless))
    others: list[dict[str, str | None]] = [
        {"kafka_security_protocol": "SASL_PLAINTEXT"},
        {"kafka_ssl_certificate": None, "kafka_ssl_key": None},
    ]
    for other in others:
        with pytest.raises(BrokerUnavailable):
            Broker(servers.model_copy(update=other), timeout=2).highs([TOPIC])


def test_a_backup_without_tls_is_refused_with_what_to_install(
    servers: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The programs of the installed wheel speak none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseToolFailed, match=r"pg_dump is not on the PATH.*SSLMODE=verify-full"):
        dump(servers, servers.postgres_database, tmp_path / "dump")
