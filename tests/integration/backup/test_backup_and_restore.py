"""Backup, wipe, restore and going on: with a real PostgreSQL, a real broker and the engine of the streams."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.backup.create import back_up
from include.backup.databases import open_database
from include.backup.manifest import read_manifest
from include.backup.preconditions import RestoreRefused
from include.backup.restore import restore
from include.infra.kafka.admin import Broker
from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.infra.processes.service import running
from include.local_stack import kafka, postgres
from include.local_stack.airflow import server as airflow
from include.local_stack.database.preparation import prepare_databases
from include.local_stack.environment import settings_variables
from include.promotion.ledger.chain import check_ledger
from include.serving.config import ModelConfig, config_file, read_config, write_config
from include.settings import PROJECT_ROOT, Settings
from tests.support.annotators import add_event
from tests.support.streaming.kafka import send
from tests.support.streaming.numbers import pairs

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

TOPIC = "numbers_kept"
KEPT = {
    "golden labels": "SELECT * FROM golden_label ORDER BY text_hash, annotator",
    "events": "SELECT * FROM label_event ORDER BY id",
    "ledger": "SELECT * FROM promotion ORDER BY id",
    "results": "SELECT * FROM numbers ORDER BY kafka_partition, kafka_offset",
    "dead letters": "SELECT * FROM dead_letter ORDER BY kafka_partition, kafka_offset",
    "revision": "SELECT version_num FROM alembic_version",
}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A stack of this test alone."""
    database, broker, controller = free_ports(3)
    monkeypatch.setenv("TWEETSIEVE_NUMBERS_TOPIC", TOPIC)
    return Settings(
        _env_file=None,
        state_dir=tmp_path / "state",
        postgres_port=database,
        kafka_port=broker,
        kafka_controller_port=controller,
        kafka_partitions=2,
        workloads_path=str(PROJECT_ROOT / "tests" / "support" / "workloads"),
    )


@contextmanager
def stack(settings: Settings) -> Iterator[None]:
    """What of ``make up`` keeps data."""
    with (
        running(postgres.service(settings), settings.logs_dir),
        running(kafka.service(settings), settings.logs_dir),
    ):
        prepare_databases(settings)
        yield


def run_stream(settings: Settings) -> None:
    """Process what is in the topic now, as the engine does it without Spark."""
    command = [sys.executable, "-m", "tests.support.streaming.plain_runner", "numbers"]
    variables = {**os.environ, **settings_variables(settings.as_role("stream"))}
    subprocess.run(command, cwd=PROJECT_ROOT, env=variables, check=True, timeout=120, capture_output=True)


def kept(settings: Settings) -> dict[str, Any]:
    with connect(settings) as connection:
        found = {name: connection.execute(query).fetchall() for name, query in KEPT.items()}
    with open_database(settings, settings.airflow_database) as connection:
        found["Airflow"] = connection.execute("SELECT * FROM dag_run").fetchall()
    return found


def fill(settings: Settings) -> None:
    """Labels, a promotion, a model in store and service, Airflow's keys and metadata."""
    with connect(settings) as connection:
        for number in range(5):
            add_event(connection, f"{number:064x}", "ann", number % 2, "label", text="Grüße 🙂\n\tand more")
        add_event(connection, f"{0:064x}", "bob", 1, "adjudicate")
        connection.execute(
            "INSERT INTO promotion (model_name, target, action, to_version, outcome, reason, evidence,"
            " evidence_hash, started_at)"
            " VALUES ('m', 'local', 'promote', 7, 'promoted', 'good', '{}', repeat('a', 64), now())"
        )
    with open_database(settings.as_role("airflow"), settings.airflow_database) as connection:
        connection.execute("CREATE TABLE dag_run AS SELECT 'promote_model' AS dag_id, now() AS started")
    for folder in (settings.models_dir, settings.serving_dir):
        version = folder / settings.model_name / "7"
        (version / "assets").mkdir(parents=True)
        (version / "saved_model.pb").write_bytes(b"model" * 1000)
        (version / "saved_model.pb").chmod(0o644)
    base = str(settings.serving_dir / settings.model_name)
    write_config(config_file(settings), [ModelConfig(settings.model_name, base, (7,))])
    airflow.variables(settings)


@contextmanager
def a_batch_at_work(settings: Settings) -> Iterator[None]:
    """A stream's transaction: it holds its staging table exclusively, and has written rows."""
    with connect(settings) as connection:
        connection.execute('CREATE UNLOGGED TABLE "stream_stage_numbers$9_0_rows" (a bigint)')
        connection.commit()
        connection.execute('LOCK TABLE "stream_stage_numbers$9_0_rows" IN ACCESS EXCLUSIVE MODE')
        connection.execute("UPDATE numbers_total SET rows = rows")
        yield
        connection.rollback()


def test_what_was_backed_up_is_there_again_and_the_stream_goes_on_exactly_once(
    own: Settings, tmp_path: Path
) -> None:
    with stack(own):
        fill(own)
        send(own, TOPIC, [value for _, value in pairs(0, 200)])
        run_stream(own)
        send(own, TOPIC, [b'{"a": 1, "b": 1}'] * 30)  # waiting when the backup is made
        with a_batch_at_work(own):
            backup = back_up(own, print)
        before = kept(own)
        with pytest.raises(RestoreRefused, match="holds data"):
            restore(backup, own, print)
    keys = (own.state_dir / "airflow" / "keys.json").read_text()
    assert_private(backup)
    assert read_manifest(backup).kafka == {TOPIC: {0: 230, 1: 0}}
    shutil.rmtree(own.state_dir)

    elsewhere = own.model_copy(update={"state_dir": tmp_path / "state of another name"})
    restore(backup, elsewhere, print)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state of another name", "state-backups"]
    assert (elsewhere.state_dir / "airflow" / "keys.json").read_text() == keys
    check_models(elsewhere)
    with stack(elsewhere):
        assert kept(elsewhere) == before
        with (
            connect(elsewhere) as connection,
            pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        ):
            connection.execute("DELETE FROM label_event")
        assert Broker(elsewhere).spans([TOPIC]) == {TOPIC: {0: (230, 230), 1: (0, 0)}}
        send(elsewhere, TOPIC, [value for _, value in pairs(200, 100)])
        run_stream(elsewhere)
        check_positions(elsewhere)
        with connect(elsewhere) as connection:
            add_event(connection, f"{9:064x}", "ann", 1, "label")  # identities go on as well
        assert kept(elsewhere)["results"][: len(before["results"])] == before["results"]
        check_ledgers(elsewhere, read_manifest(backup).ledger)


def check_ledgers(settings: Settings, backed_up: str | None) -> None:
    """It goes on from what the backup names; one that was altered is backed up as well, and nothing named."""
    with connect(settings) as connection:
        assert check_ledger(connection, backed_up).entries == 1
        assert backed_up
        connection.execute("ALTER TABLE promotion DISABLE TRIGGER promotion_append_only")
        connection.execute("UPDATE promotion SET approver = 'nobody'")
    assert read_manifest(back_up(settings, print)).ledger is None


def assert_private(backup: Path) -> None:
    """Nobody but the owner reads a backup, which holds secrets."""
    modes = {path.name: path.stat().st_mode & 0o777 for path in backup.iterdir()}
    assert set(modes.values()) == {0o600}
    assert backup.stat().st_mode & 0o777 == backup.parent.stat().st_mode & 0o777 == 0o700


def check_models(settings: Settings) -> None:
    for folder in (settings.models_dir, settings.serving_dir):
        model = folder / settings.model_name / "7" / "saved_model.pb"
        assert model.read_bytes() == b"model" * 1000
        assert model.stat().st_mode & 0o777 == 0o644
        assert model.with_name("assets").is_dir()
    served = read_config(config_file(settings))
    assert [path.parent for model in served for path in model.wanted().values()] == [
        settings.serving_dir / settings.model_name
    ]


def check_positions(settings: Settings) -> None:
    """Each position is a row, a dead letter, or counted as lost: once."""
    with connect(settings) as connection:
        places = connection.execute(
            "SELECT kafka_offset FROM numbers WHERE topic = %(topic)s AND kafka_partition = 0 UNION ALL"
            " SELECT kafka_offset FROM dead_letter WHERE topic = %(topic)s AND kafka_partition = 0 UNION ALL"
            " SELECT generate_series(first_offset, end_offset - 1) FROM stream_loss ORDER BY 1",
            {"topic": TOPIC},
        ).fetchall()
        lost = connection.execute("SELECT first_offset, end_offset FROM stream_loss").fetchall()
    assert [place for (place,) in places] == list(range(330))
    assert lost == [(200, 230)]
    assert json.dumps(Broker(settings).highs([TOPIC])[TOPIC]) == json.dumps({0: 330, 1: 0})
