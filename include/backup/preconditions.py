"""What a restore refuses, before it changes anything."""

from __future__ import annotations

from pathlib import Path

from include.backup.create import AIRFLOW, KEYS, MAIN, MODELS, SERVED
from include.backup.databases import count_tables, create_missing, open_database
from include.backup.manifest import BadBackup, Manifest
from include.backup.scratch import SCRATCH, targets
from include.errors import UserError
from include.infra.disk import GB, disk_space
from include.infra.processes import supervisor
from include.local_stack import processes
from include.local_stack.database.binaries import POSTGRES_MAJOR
from include.schema.revision import latest_revision
from include.settings import Settings

PASSED_OVER = ("run", "lost+found")
"""What is no data: files of a stack that ran, and what an empty volume holds."""


class RestoreRefused(UserError):
    """Something is in the way of a restore; nothing was changed."""


def require_our_release(source: Path, manifest: Manifest) -> None:
    """Refuse what this release can't restore.

    Raises:
        BadBackup: a file is missing, or a later release or PostgreSQL made it.
    """
    missing = [name for name in (MAIN, AIRFLOW, MODELS, SERVED, KEYS) if not manifest.has(name)]
    if missing:
        raise BadBackup(f"{source} is no complete backup: it has no {', '.join(missing)}")
    if manifest.revision > latest_revision():
        raise BadBackup(
            f"{source} is of a later release: its tables are at revision {manifest.revision}, this release "
            f"knows revisions up to {latest_revision()}: restore it with that release"
        )
    major = manifest.software.get("postgresql", "").partition(".")[0]
    if major.isdecimal() and int(major) > POSTGRES_MAJOR:
        raise BadBackup(f"{source} is of PostgreSQL {major}, later than {POSTGRES_MAJOR} here")


def require_nothing_there(settings: Settings) -> None:
    """Refuse to restore over anything.

    Raises:
        RestoreRefused: the stack runs, or a folder or a database of one's own holds data.
    """
    if supervisor.alive(settings) or processes.leftovers(settings):
        raise RestoreRefused(
            "the local stack runs: stop it by 'make down'; a restore needs an empty state folder"
        )
    for folder in targets(settings):
        present = folder.iterdir() if folder.exists() else ()
        found = sorted(path.name for path in present if path.name not in (*PASSED_OVER, SCRATCH))
        if found:
            raise RestoreRefused(
                f"{folder} holds data ({', '.join(found[:5])}), which a restore never overwrites: keep it by "
                f"'mv {folder} {folder}.old', or delete it by 'make clean-state'; or restore into another "
                "folder by TWEETSIEVE_STATE_DIR"
            )
    if settings.postgres_host != settings.host:
        _require_empty_databases(settings)


def _require_empty_databases(settings: Settings) -> None:
    create_missing(settings, settings.airflow_database)
    for database in (settings.postgres_database, settings.airflow_database):
        with open_database(settings, database) as connection:
            if tables := count_tables(connection):
                raise RestoreRefused(
                    f"database {database} at {settings.postgres_host} holds {tables} tables, which a restore "
                    "never overwrites: make an empty one, and name it by TWEETSIEVE_POSTGRES_DATABASE or "
                    "TWEETSIEVE_AIRFLOW_DATABASE"
                )


def require_space(settings: Settings, manifest: Manifest) -> None:
    """Refuse what the disk has no room for.

    Raises:
        RestoreRefused: with what is needed, and what there is.
    """
    space = disk_space(settings.state_dir)
    if space.free < manifest.unpacked:
        raise RestoreRefused(
            f"the backup takes about {manifest.unpacked / GB:.2f} GB, there are {space}: make room, or "
            "restore into another folder by TWEETSIEVE_STATE_DIR"
        )
