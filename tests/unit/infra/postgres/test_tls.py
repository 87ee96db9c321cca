"""The settings of TLS in each library's words; and one place by which programs connect."""

from __future__ import annotations

import ast
from pathlib import Path

import psycopg
import pytest

from include.errors import UserError
from include.infra.postgres.connection import conninfo, jdbc_url
from include.infra.postgres.tls import DatabaseRefuses, explained, libpq_options
from include.settings import PROJECT_ROOT, Settings

CONNECTS = {"psycopg.connect", "psycopg2.connect", "make_conninfo", "ConnectionPool", "create_engine"}
KNOWN = {
    "include/infra/postgres/page_pool.py",  # of conninfo()
    "include/infra/postgres/connection.py",
    "include/infra/postgres/kept_connection.py",  # what others made
    "include/backup/databases.py",  # of conninfo()
    "include/schema/upgrade.py",  # of a connection that is open
    "include/local_stack/postgres.py",  # to the embedded server, before it has our databases
    "include/streaming/sinks/jdbc.py",  # to another database, by the workload's own address
    "include/streaming/sinks/jdbc_url.py",
}


@pytest.fixture
def secure(tmp_path: Path) -> Settings:
    files = {}
    for name in ("sslrootcert", "sslcert", "sslkey"):
        files[f"postgres_{name}"] = path = tmp_path / f"a {name}.pem"
        path.write_text("-----BEGIN -----\n")
    return Settings(_env_file=None, postgres_host="db", postgres_sslmode="verify-full", **files)  # type: ignore[arg-type]


def test_programs_connect_by_the_connections_module() -> None:
    found = set()
    for folder in ("include", "dags", "plugins", "spark_apps", "streamlit_apps"):
        for path in (PROJECT_ROOT / folder).rglob("*.py"):
            calls = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
            if CONNECTS & {ast.unparse(call.func) for call in calls}:
                found.add(str(path.relative_to(PROJECT_ROOT)))
    assert found <= KNOWN


def test_libpq_gets_what_is_given_and_nothing_else(secure: Settings) -> None:
    assert libpq_options(Settings(_env_file=None)) == {}
    assert "ssl" not in conninfo(Settings(_env_file=None))
    assert f"sslrootcert='{secure.postgres_sslrootcert}'" in conninfo(secure)
    assert "sslmode=verify-full" in conninfo(secure)


def test_the_jdbc_driver_gets_the_key_in_its_own_form_or_says_how_to_make_it(secure: Settings) -> None:
    with pytest.raises(UserError, match=r"sslkey\.pk8 is missing.*openssl pkcs8"):
        jdbc_url(secure)
    assert secure.postgres_sslkey
    secure.postgres_sslkey.with_suffix(".pk8").touch()
    address, _, options = jdbc_url(secure).partition("?")
    assert address == f"jdbc:postgresql://db:{secure.postgres_port}/streamingdb"
    assert "sslmode=verify-full" in options.split("&")
    assert options.endswith("a%20sslkey.pk8")


@pytest.mark.parametrize(
    ("message", "refused"),
    [
        ("SSL error: certificate verify failed", True),
        ("server does not support SSL, but SSL was required", True),
        ("SSL connection has been closed unexpectedly", False),
        ("SSL SYSCALL error: EOF detected", False),
        ("connection refused", False),
    ],
)
def test_a_connection_that_breaks_off_is_an_outage_and_no_refusal(message: str, refused: bool) -> None:
    found = explained(psycopg.OperationalError(message), Settings(_env_file=None))
    assert isinstance(found, DatabaseRefuses) == refused
    assert isinstance(found, UserError) == refused
    assert isinstance(found, psycopg.OperationalError)
