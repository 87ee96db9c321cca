"""One place makes Kafka's clients, and says the settings in each library's words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from include.infra.kafka import connection
from include.infra.kafka.connection import (
    NoKafkaPassword,
    admin_client,
    airflow_extra,
    client_options,
    jaas,
    make_consumer,
    make_producer,
    spark_options,
)
from include.settings import PROJECT_ROOT, Settings

FOLDERS = ("dags", "plugins", "include", "spark_apps", "streamlit_apps", "tools", "tests")
CLIENTS = ("Producer", "Consumer", "AdminClient", "SerializingProducer", "DeserializingConsumer")
ADDRESS = ("bootstrap.servers", "kafka.bootstrap.servers")


def made_here(source: str) -> list[str]:
    """Clients of Kafka that a program makes by itself, and options by which one is told an address."""
    nodes = list(ast.walk(ast.parse(source)))
    calls = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    words = [str(node.value) for node in nodes if isinstance(node, ast.Constant)]
    return [call for call in calls if call in clients(nodes)] + [word for word in words if word in ADDRESS]


def clients(nodes: list[ast.AST]) -> set[str]:
    """What the classes of clients are called in a program, by its imports."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("confluent_kafka"):
            found |= {one.asname or one.name for one in node.names if one.name in CLIENTS}
        if isinstance(node, ast.Import):
            names = [one.asname or one.name for one in node.names if one.name.startswith("confluent_kafka")]
            found |= {f"{name}.{client}" for name in names for client in CLIENTS}
    return found


def programs() -> Iterator[Path]:
    spared = (Path(connection.__file__), Path(__file__))
    for folder in FOLDERS:
        yield from (path for path in (PROJECT_ROOT / folder).rglob("*.py") if path not in spared)


def test_every_client_is_made_by_the_connections_module() -> None:
    reads = {"tests/unit/local_stack/airflow/test_server.py", "tests/unit/deployment/test_compose.py"}
    found = {
        str(path.relative_to(PROJECT_ROOT)): what
        for path in programs()
        if (what := made_here(path.read_text(encoding="utf-8")))
    }
    assert found.keys() <= reads, found


@pytest.mark.parametrize(
    "program",
    [
        "from confluent_kafka import Consumer\nConsumer({})",
        "import confluent_kafka.admin as a\nx = a.AdminClient(options)",
        "frame.option('kafka.bootstrap.servers', settings.kafka_bootstrap)",
    ],
)
def test_the_search_finds_what_it_is_for(program: str) -> None:
    assert made_here(program)


def of(**values: object) -> Settings:
    given = {"kafka_bootstrap_servers": "kafka.test:9092", **values}
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PASSWORD", "SECURITY_PROTOCOL"):
        monkeypatch.delenv(f"TWEETSIEVE_KAFKA_{name}", raising=False)


def test_a_kafka_of_ones_own_is_spoken_to_as_before_where_nothing_is_said() -> None:
    plain = {"bootstrap.servers": "kafka.test:9092", "security.protocol": "PLAINTEXT"}
    assert client_options(of()) == airflow_extra(of()) == plain
    assert spark_options(of()) == {f"kafka.{name}": value for name, value in plain.items()}


@pytest.mark.parametrize(
    ("password", "quoted"),
    [("plain", "plain"), ('a"; b="', 'a\\"; b=\\"'), ("back\\slash", "back\\\\slash"), ("x\ny", "x\\ny")],
)
def test_a_password_stays_one_word_of_jaas(password: str, quoted: str) -> None:
    settings = of(
        kafka_security_protocol="SASL_PLAINTEXT", kafka_username="me", kafka_password=SecretStr(password)
    )
    assert client_options(settings)["sasl.password"] == password
    assert spark_options(settings)["kafka.sasl.jaas.config"] == (
        f'org.apache.kafka.common.security.scram.ScramLoginModule required username="me" password="{quoted}";'
    )
    assert jaas("PLAIN", username="me").startswith("org.apache.kafka.common.security.plain.PlainLoginModule ")


def test_certificates_are_given_to_each_library_as_it_reads_them(tmp_path: Path) -> None:
    files = {}
    for name, kind in (("ca", "CERTIFICATE"), ("certificate", "CERTIFICATE"), ("key", "PRIVATE KEY")):
        files[f"kafka_ssl_{name}"] = path = tmp_path / f"{name}.pem"
        path.write_text(f"-----BEGIN {kind}-----\n{name}\n-----END {kind}-----\n")
    settings = of(kafka_security_protocol="SSL", **files)
    assert client_options(settings)["ssl.ca.location"] == str(files["kafka_ssl_ca"])
    assert client_options(settings)["ssl.key.location"] == str(files["kafka_ssl_key"])
    spark = spark_options(settings)
    assert spark["kafka.ssl.truststore.location"] == str(files["kafka_ssl_ca"])
    assert spark["kafka.ssl.keystore.key"] == files["kafka_ssl_key"].read_text()
    assert "sasl.mechanism" not in client_options(settings)


def test_the_embedded_kafka_is_logged_in_to_with_the_generated_password(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path, kafka_port=19092, kafka_password="")
    settings.kafka_secrets.parent.mkdir()
    settings.kafka_secrets.write_text('{"tweetsieve": "generated"}')
    assert client_options(settings) == {
        "bootstrap.servers": "127.0.0.1:19092",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "tweetsieve",
        "sasl.password": "generated",
    }
    settings.kafka_secrets.write_text('{"tweetsieve": "changed"}')
    assert client_options(settings)["sasl.password"] == "changed"


@pytest.mark.parametrize("make", [admin_client, make_producer, make_consumer])
def test_before_there_is_a_password_each_client_says_what_to_run(make: Any, tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "state_dir": tmp_path,
        "kafka_security_protocol": "SASL_PLAINTEXT",
        "kafka_password": "",
    }
    settings = Settings(_env_file=None, **given)
    assert client_options(settings)["sasl.password"] == "", "what Airflow is told may be written before"
    with pytest.raises(NoKafkaPassword, match=r"tweetsieve.*make up.*TWEETSIEVE_KAFKA_PASSWORD"):
        make(settings)
