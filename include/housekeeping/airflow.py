"""Airflow's own database and logs: the old goes by ``airflow db clean``, but what is under way stays.

That command goes by the start of a run, whether it has ended or not. A stream is watched by one run for as
long as it is to run, which may be for months: so the DAGs of such runs are left out until they have ended.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from include.housekeeping.batches import BATCH
from include.housekeeping.files import Found, KeptFiles, time_of
from include.housekeeping.kept import Size
from include.infra.errors import StackError
from include.infra.postgres.connection import connect
from include.local_stack.airflow.server import database_url, own_database, task_logs, variables
from include.schema.dataset_tables import table_exists
from include.settings import PROJECT_ROOT, Settings

RUNS = ("dag_run", "dag_version")
"""Tables of single DAGs; with them go tasks, their history and XComs, which ``airflow db clean`` adds."""

OTHERS = (
    "job",
    "log",
    "asset_event",
    "import_error",
    "callback",
    "partitioned_asset_key_log",
    "revoked_token",
)
"""Tables of events and of what has ended. Left alone: ``dag``, which holds whether a DAG is paused, and
``trigger``, which Airflow clears away itself once no task waits for it."""

CANT_LEAVE_OUT = {"deadline"}
"""Has no DAG's name, so that Airflow refuses to clean it with DAGs left out; goes with its run."""

_FINISHED = ("success", "failed")
_FOUND = re.compile(r"^Checking table (\w+)\s+Found (\d+) rows meeting deletion criteria", re.MULTILINE)
_NOT_CLEANED = re.compile(r"not cleaned due to errors: \[([^\]]*)\]")
_ARCHIVE = re.compile(r"_airflow_deleted__\w+?__(\d{14})(__b\d+)?")


@dataclass(frozen=True)
class AirflowMetadata:
    """Rows of Airflow's database; see :class:`include.housekeeping.kept.Kept`."""

    name: str = "rows of Airflow's database"
    setting: str = "keep_airflow_days"

    def outdated(self, settings: Settings, days: int) -> int:
        return sum(self._clean(settings, days, "--dry-run"))

    def remove(self, settings: Settings, days: int) -> Iterator[int]:
        """Yields the rows of each call of ``airflow db clean``, which has batches of its own."""
        yield from self._clean(settings, days, "--yes", "--skip-archive", "--batch-size", str(BATCH))
        _drop_archives(settings, _days_ago(days))

    def size(self, settings: Settings) -> Size:
        with airflow_database(settings) as connection:
            if connection is None:
                return Size(0, 0)
            count = connection.execute("SELECT count(*) FROM dag_run").fetchone()
            size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            return Size(count[0] if count else 0, size[0] if size else 0)

    def _clean(self, settings: Settings, days: int, *options: str) -> Iterator[int]:
        before = _days_ago(days)
        with airflow_database(settings) as connection:
            if connection is None:
                return
            busy = sorted({dag_id for dag_id, _, began in _under_way(connection) if began and began < before})
        left_out = ["--exclude-dag-ids", ",".join(busy)] if busy else []
        yield _run(settings, before, RUNS, [*options, *left_out])
        yield _run(settings, before, OTHERS, options)


def _run(settings: Settings, before: datetime, tables: Sequence[str], options: Sequence[str]) -> int:
    """Clean these tables; how many rows it found in them and in those that depend on them.

    Raises:
        StackError: a table could not be cleaned.
    """
    command = [
        sys.executable, "-m", "airflow", "db", "clean", "--clean-before-timestamp", before.isoformat(),
        "--tables", ",".join(tables), *options,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=_environment(settings), capture_output=True, text=True, check=False
    )
    said = f"{done.stdout}\n{done.stderr}"
    failed = {name for names in _NOT_CLEANED.findall(said) for name in re.findall(r"\w+", names)}
    if done.returncode or failed - CANT_LEAVE_OUT:
        end = "; ".join(filter(None, map(str.strip, said.splitlines()[-3:])))
        raise StackError(f"'airflow db clean' failed for {', '.join(sorted(failed)) or tables}: {end}")
    return sum(int(count) for table, count in _FOUND.findall(done.stdout) if table not in failed)


def _environment(settings: Settings) -> dict[str, str]:
    """Airflow's own, also in a task, which Airflow gives no access to its database."""
    ours = {} if "AIRFLOW_HOME" in os.environ else variables(settings)
    given = {name: value for name, value in os.environ.items() if name != "_AIRFLOW_PROCESS_CONTEXT"}
    return {**given, **ours, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url(settings)}


@contextmanager
def airflow_database(settings: Settings) -> Iterator[psycopg.Connection | None]:
    """A connection in autocommit; None where Airflow has no tables there.

    Raises:
        psycopg.OperationalError: the server does not answer, or has no such database.
    """
    with connect(own_database(settings), autocommit=True) as connection:
        yield connection if table_exists(connection, "dag_run") else None


def _under_way(connection: psycopg.Connection) -> list[tuple[str, str, datetime | None]]:
    """The runs that have not ended: DAG, run, start."""
    query = "SELECT dag_id, run_id, start_date FROM dag_run WHERE state <> ALL (%s)"
    return connection.execute(query, [list(_FINISHED)]).fetchall()


def _drop_archives(settings: Settings, before: datetime) -> None:
    """Drop old tables of deleted rows: of a person's ``airflow db clean``, or of ours when it was killed."""
    with airflow_database(settings) as connection:
        if connection is None:
            return
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE %s",
            [r"\_airflow\_deleted\_\_%"],
        ).fetchall()
        for (name,) in names:
            made = _ARCHIVE.fullmatch(name)
            if made and (at := time_of(made[1], "%Y%m%d%H%M%S")) and at < before:
                connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(name)))


def _days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def log_files(settings: Settings) -> Found:
    """Files of Airflow's logs by their last change, but those of runs that have not ended."""
    folder = task_logs(settings)
    with airflow_database(settings) as connection:
        under_way = _under_way(connection) if connection else []
    kept = {folder / f"dag_id={dag_id}" / f"run_id={run_id}" for dag_id, run_id, _ in under_way}
    for path in folder.rglob("*"):
        if not path.is_dir() and not kept.intersection(path.parents):
            with suppress(FileNotFoundError):
                yield path, path.lstat().st_mtime


class AirflowLogs(KeptFiles):
    """Files of logs; the folders that are empty after them go too."""

    def __init__(self) -> None:
        super().__init__("files of Airflow's logs", "keep_airflow_logs_days", log_files)

    def remove(self, settings: Settings, days: int) -> Iterator[int]:
        folders = _old_folders(task_logs(settings), _days_ago(days).timestamp())
        yield from super().remove(settings, days)
        for folder in folders:
            with suppress(OSError):  # not empty
                folder.rmdir()


def _old_folders(folder: Path, before: float) -> list[Path]:
    """The folders below one that were changed last before a time, the deepest first.

    One that a task has just made, and is about to write to, is not among them.
    """
    found = []
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_dir() and not path.is_symlink() and path.lstat().st_mtime < before:
                found.append(path)
    return sorted(found, key=lambda path: len(path.parts), reverse=True)
