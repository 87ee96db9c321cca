"""Nobody logs in to the embedded database by a password that is not in the state folder."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from pydantic import SecretStr

from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.infra.processes.service import running
from include.local_stack import postgres
from include.local_stack.database import superuser
from include.local_stack.database.preparation import create_databases
from include.settings import Settings
from tests.support.schema.earlier_release import PUBLISHED, make_cluster

pytestmark = pytest.mark.stack

NOBODY = 65534


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings of a stack in a folder that everybody may look into, without a password from outside."""
    monkeypatch.delenv("TWEETSIEVE_POSTGRES_PASSWORD", raising=False)  # as the fixture ``settings`` gives
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Settings(_env_file=None, state_dir=Path(folder, "state"), postgres_port=free_ports(1)[0])


@pytest.fixture
def server(own: Settings) -> Iterator[Settings]:
    with running(postgres.service(own), own.logs_dir):
        create_databases(own)
        yield own


def log_in(settings: Settings, user: str, password: str, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1", port=settings.postgres_port, user=user, password=password, dbname=database
    )


def test_the_published_password_opens_nothing(server: Settings) -> None:
    for user in (PUBLISHED, "postgres", "root", "tweetsieve_admin"):
        for password in (PUBLISHED, "postgres", "", user):
            with pytest.raises(psycopg.OperationalError):
                log_in(server, user, password)


def test_the_password_is_on_no_command_line_in_no_environment_and_in_no_log(server: Settings) -> None:
    secret = superuser.password(server).encode()
    for process in psutil.process_iter():
        for what in ("cmdline", "environ"):
            try:
                content = Path(f"/proc/{process.pid}/{what}").read_bytes()
            except OSError:
                continue
            assert secret not in content, f"{what} of {process}"
    holders = [
        path
        for path in server.state_dir.rglob("*")
        if path.is_file() and postgres.data_dir(server) not in path.parents and secret in path.read_bytes()
    ]
    assert holders == [server.postgres_secrets]


def test_an_earlier_releases_cluster_is_taken_over_with_its_data(own: Settings) -> None:
    make_cluster(own)
    before = own.model_copy(update={"postgres_password": SecretStr(PUBLISHED)})
    service = postgres.service(own)
    as_it_was = dataclasses.replace(service, prepare=lambda: None, ready=lambda: postgres.ready(before))
    with running(as_it_was, own.logs_dir):
        with log_in(own, PUBLISHED, PUBLISHED) as attacker:
            attacker.execute("COPY (SELECT 1) TO PROGRAM 'cat'")
        create_databases(before)
        with connect(before) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with running(service, own.logs_dir):
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            log_in(own, PUBLISHED, PUBLISHED)
        with connect(own) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_lost_secrets_are_made_again(own: Settings) -> None:
    with running(postgres.service(own), own.logs_dir):
        first = superuser.password(own)
    own.postgres_secrets.unlink()
    with running(postgres.service(own), own.logs_dir), pytest.raises(psycopg.OperationalError):
        log_in(own, PUBLISHED, first)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")
def test_another_local_user_reads_no_secret(server: Settings) -> None:
    for path in (server.postgres_secrets, postgres.data_dir(server) / "PG_VERSION"):
        done = subprocess.run(
            ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "cat", str(path)],
            capture_output=True,
        )
        assert done.returncode != 0
        assert b"ermission denied" in done.stderr
