"""Restoring a backup into a state folder that holds nothing yet."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from include.backup import kafka_log
from include.backup.archives import unpack
from include.backup.create import AIRFLOW, KEYS, MAIN, MODELS, SERVED
from include.backup.databases import load, open_database
from include.backup.manifest import Manifest, check_files, read_manifest
from include.backup.preconditions import require_nothing_there, require_our_release, require_space
from include.backup.scratch import scratch_folders
from include.database_settings import ADMINISTRATOR
from include.forgetting.forget import forget_again
from include.forgetting.tombstones import kept_ids
from include.infra.kafka.offsets import merge
from include.infra.processes.service import running
from include.local_stack import postgres
from include.local_stack.database.preparation import create_databases, prepare_roles
from include.posts.deletions import Deletion
from include.schema.upgrade import upgrade_schema
from include.serving.config import ModelConfig, config_file, read_config, write_config
from include.settings import Settings, get_settings

Say = Callable[[str], None]
log = logging.getLogger(__name__)


def restore(source: Path, settings: Settings | None = None, say: Say = log.info) -> None:
    """Restore a backup; the state folder is there when all of it is, or not at all.

    Raises:
        BadBackup: it is incomplete, damaged, or of a later release.
        RestoreRefused: the stack runs, the state folder or a database holds data, or there is no room.
        StackError: a server did not start; nothing is left of the attempt.
    """
    settings = (settings or get_settings()).as_role(ADMINISTRATOR)
    manifest = read_manifest(source)
    require_our_release(source, manifest)
    require_nothing_there(settings)
    check_files(source, manifest, say)
    require_space(settings, manifest)
    before = os.umask(0o077)
    try:
        with scratch_folders(settings) as scratch:
            _restore_folders(source, scratch, settings)
            say("restored the models and Airflow's keys")
            with _database_server(scratch):
                _restore_databases(source, manifest, scratch, say)
                _forget_again(scratch, {*kept_ids(settings.backups_dir), *kept_ids(source.parent)}, say)
    finally:
        os.umask(before)
    say(f"restored the backup of {manifest.made_at} into {settings.state_dir}: start the stack by 'make up'")


def _restore_folders(source: Path, scratch: Settings, settings: Settings) -> None:
    unpack(source / MODELS, scratch.models_dir)
    unpack(source / SERVED, scratch.serving_dir)
    unpack(source / KEYS, scratch.state_dir / "airflow")
    config = config_file(scratch)
    if config.exists():  # it names folders by their whole path, and they may be elsewhere now
        write_config(config, [_moved(model, scratch, settings) for model in read_config(config)])


def _moved(model: ModelConfig, scratch: Settings, settings: Settings) -> ModelConfig:
    name = Path(model.base_path).name
    if not (scratch.serving_dir / name).is_dir():
        return model
    return replace(model, base_path=str(settings.serving_dir.resolve() / name))


@contextmanager
def _database_server(scratch: Settings) -> Iterator[None]:
    """Our own server on the new folder, with both databases; or somebody else's, which runs."""
    if scratch.postgres_host != scratch.host:
        yield
        return
    with running(postgres.service(scratch), scratch.logs_dir):
        create_databases(scratch)
        yield


def _forget_again(scratch: Settings, kept: Collection[Deletion], say: Say) -> None:
    """What was forgotten after the backup was made must not come back with it."""
    if kept:
        upgrade_schema(scratch)  # a backup of an earlier release may not know of forgotten posts
        receipt = forget_again(scratch, kept)
        say(f"forgotten again: {receipt.posts:,} posts, {receipt.found:,} found in the backup")


def _restore_databases(source: Path, manifest: Manifest, scratch: Settings, say: Say) -> None:
    for database, file in ((scratch.postgres_database, MAIN), (scratch.airflow_database, AIRFLOW)):
        load(scratch, database, source / file)
        say(f"restored database {database}")
    if scratch.database_roles:
        prepare_roles(scratch, say)
    with open_database(scratch, scratch.postgres_database) as connection:
        connection.execute("ANALYZE")
        if not scratch.kafka_bootstrap_servers:
            begins = merge(manifest.kafka or {}, kafka_log.positions_used(connection))
            kafka_log.continue_topics(scratch, begins, connection)
            say(f"Kafka's topics go on where they ended: {', '.join(sorted(begins)) or 'there are none'}")
