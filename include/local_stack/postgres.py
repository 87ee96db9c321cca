"""The embedded PostgreSQL: the wheel's binaries, on TCP loopback, with a password."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from include.database_settings import ADMINISTRATOR
from include.infra.errors import StackError
from include.infra.processes.service import Service
from include.local_stack.database import superuser
from include.local_stack.database.binaries import binary
from include.local_stack.database.unprivileged import unprivileged
from include.settings import Settings


def service(settings: Settings) -> Service:
    """The server on ``settings.postgres_port``; its data live in ``<state>/postgres``."""
    return Service(
        name="postgres",
        command=command(settings),
        prepare=lambda: prepare(settings),
        ready=lambda: ready(settings),
        ports={"postgres_port": settings.postgres_port},
        stop_signal=signal.SIGINT,  # "fast": closes sessions, writes a checkpoint
        stop_whole_group=False,  # the postmaster stops its children itself
        stop_seconds=60,
    )


def data_dir(settings: Settings) -> Path:
    """The cluster's data folder."""
    return settings.state_dir.absolute() / "postgres"


def command(settings: Settings) -> list[str]:
    """The server's argument vector; settings given here win over ``postgresql.conf``."""
    options = {
        "listen_addresses": settings.host,
        "port": settings.postgres_port,
        "unix_socket_directories": "",
        "max_connections": 200,
        "timezone": "UTC",
        "log_timezone": "UTC",
        # A stream of millions of rows a minute: fewer checkpoints, so fewer whole pages in the log.
        # All of it is as safe as the defaults.
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_buffers": "32MB",
    }
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return unprivileged([binary("postgres"), "-D", str(data_dir(settings)), *flags], data_dir(settings))


def prepare(settings: Settings) -> None:
    """Create the cluster where there is none yet; before the server starts, its superuser's password is ours.

    A dead server's pid file is removed.

    Raises:
        StackError: the cluster could not be made, or its password not be set; with PostgreSQL's message.
    """
    folder = data_dir(settings)
    if not (folder / "PG_VERSION").exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _initdb(settings, folder)
        superuser.note(settings, folder)
    elif running_process(settings) is None:
        (folder / "postmaster.pid").unlink(missing_ok=True)
        if not superuser.is_set(settings, folder):
            superuser.set_password(settings, folder)


def _initdb(settings: Settings, folder: Path) -> None:
    with tempfile.NamedTemporaryFile("w", dir=folder.parent, prefix=".password") as password:
        password.write(superuser.password(settings))
        password.flush()
        arguments = [
            binary("initdb"), "-D", str(folder), "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
            f"--username={settings.postgres_user}", f"--pwfile={password.name}",
            "--auth-host=scram-sha-256", "--auth-local=scram-sha-256",
        ]  # fmt: skip
        done = subprocess.run(unprivileged(arguments, folder), capture_output=True, text=True)
    if done.returncode:
        raise StackError(f"PostgreSQL could not make its data folder {folder}:\n{done.stdout}{done.stderr}")


def running_process(settings: Settings) -> psutil.Process | None:
    """The server's main process, if there is one; a dead server's pid may be another program's by now."""
    folder = data_dir(settings)
    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
        return process if str(folder) in process.cmdline() else None
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):
        return None


def ready(settings: Settings) -> bool:
    """Whether the server accepts the role's log-in.

    Raises:
        StackError: it answers, and refuses the role or its password.
    """
    try:
        with _maintenance_connection(settings):
            return True
    except psycopg.OperationalError as problem:
        if "authentication failed" in str(problem):
            if (former := superuser.former(settings)) and _finish_change(settings, former):
                return True
            raise StackError(
                f"PostgreSQL on port {settings.postgres_port} refuses role {settings.postgres_user!r}: run "
                "'make down' and 'make up', which sets the password of the settings"
            ) from problem
        return False


def _finish_change(settings: Settings, former: str) -> bool:
    """Whether the server had the former password still; now it has the settings' one."""
    try:
        with _maintenance_connection(settings, former) as connection:
            superuser.take_over(settings, connection, data_dir(settings))
            return True
    except psycopg.OperationalError:
        return False


def _maintenance_connection(settings: Settings, password: str | None = None) -> psycopg.Connection:
    conninfo = make_conninfo(
        host=settings.host,
        port=settings.postgres_port,
        user=settings.postgres_user,
        password=password or settings.as_role(ADMINISTRATOR).database_password.get_secret_value(),
        dbname="postgres",
        connect_timeout=5,
    )
    return psycopg.connect(conninfo, autocommit=True)
