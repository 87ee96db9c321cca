"""The shared tables from every state that a database can be in, to the latest revision."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from tenacity import Retrying, stop_after_delay, wait_fixed

from include.infra.postgres.connection import connect
from include.posts.text import text_hash
from include.schema.__main__ import main
from include.schema.revision import (
    SchemaNotCurrent,
    latest_revision,
    present_revision,
    require_current_schema,
)
from include.schema.upgrade import LOCK, history, upgrade_schema
from include.settings import PROJECT_ROOT, Settings
from tests.support.schema.own_database import own_database
from tests.support.schema.structure import structure

SUPPORT = Path(__file__).parents[2] / "support" / "schema"
BEFORE_MIGRATIONS = (SUPPORT / "before_migrations.sql").read_text(encoding="utf-8")
ROWS = (SUPPORT / "rows_before_migrations.sql").read_text(encoding="utf-8")

BEFORE_APPROVALS = """
CREATE TABLE promotion (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_name    text        NOT NULL,
    target        text        NOT NULL,
    action        text        NOT NULL CHECK (action IN ('promote', 'rollback')),
    from_version  integer,
    to_version    integer,
    outcome       text        NOT NULL
                  CHECK (outcome IN ('promoted', 'rolled_back', 'refused', 'failed')),
    reason        text        NOT NULL,
    approver      text,
    evidence      jsonb       NOT NULL,
    evidence_hash text        NOT NULL,
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz NOT NULL DEFAULT now()
);
"""
"""The ledger of a release older still."""

PROMOTION = """
INSERT INTO promotion (model_name, target, action, to_version, outcome, reason, evidence, evidence_hash,
                       started_at)
VALUES ('m', 'local', 'promote', 1, %s, '', '{}', '', now())
"""


@pytest.fixture
def empty(database: Settings) -> Iterator[Settings]:
    with own_database(database, "schema_test") as own:
        yield own


@pytest.fixture
def unversioned(empty: Settings) -> Settings:
    """A database of the last release without revisions, with rows in every table."""
    with connect(empty) as connection:
        connection.execute(BEFORE_MIGRATIONS)
        connection.execute(ROWS)
    return empty


def rows(connection: psycopg.Connection) -> dict[str, list[dict[str, object]]]:
    """Every row of every table but Alembic's, by table."""
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
    ]
    with connection.cursor(row_factory=dict_row) as cursor:
        return {
            table: cursor.execute(sql.SQL("TABLE {}").format(sql.Identifier(table))).fetchall()
            for table in tables
        }


def test_an_empty_database_and_one_from_before_revisions_become_the_same(
    database: Settings, unversioned: Settings
) -> None:
    upgrade_schema(unversioned)
    with own_database(database, "schema_test_empty") as empty:
        assert upgrade_schema(empty) == [number for number, _ in history()]
        with connect(empty) as first, connect(unversioned) as second:
            assert structure(first) == structure(second)
            require_current_schema(first)
            require_current_schema(second)


def test_the_baseline_is_the_schema_from_before_revisions(database: Settings, unversioned: Settings) -> None:
    with own_database(database, "schema_test_empty") as empty:
        upgrade_schema(empty, to="0001")
        with connect(empty) as connection:
            connection.execute("DROP TABLE alembic_version")
            baseline = structure(connection)
    with connect(unversioned) as connection:
        assert structure(connection) == baseline


def test_every_row_from_before_revisions_is_kept_and_usable(unversioned: Settings) -> None:
    with connect(unversioned) as connection:
        before = rows(connection)
    assert all(before.values()), "a table without rows proves nothing"
    upgrade_schema(unversioned)
    with connect(unversioned) as connection:
        after = rows(connection)
        for table, kept in before.items():
            assert len(after[table]) == len(kept), table
            for old in kept:
                assert any(old.items() <= new.items() for new in after[table]), f"{table} lost {old}"
        agreed = connection.execute("SELECT text_hash, agreed_label FROM golden_label ORDER BY 1").fetchall()
        assert agreed == [(text_hash("deep learning"), 1), (text_hash("breakfast"), 0)]
        connection.execute(PROMOTION, ["rejected"])
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute("DELETE FROM label_event")


def test_a_label_of_a_text_with_another_hash_now_stands_under_both(empty: Settings) -> None:
    upgrade_schema(empty, to="0004")
    insert = (
        "INSERT INTO label_event (text_hash, post_id, text, annotator, action, label, undoes, queue)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, 'random')"
    )
    wide, plain, kept = "ＡＩ for dinner", "AI for dinner", "breakfast"
    with connect(empty) as connection:
        connection.cursor().executemany(
            insert,
            [
                ("old", "1", wide, "ann", "label", 0, None),
                ("old", "1", wide, "ann", "undo", None, 1),
                ("old", "1", wide, "ann", "label", 1, None),
                ("old", "1", wide, "bob", "label", 0, None),
                ("old", "1", wide, "cy", "adjudicate", 1, None),
                (text_hash(plain), "2", plain, "bob", "label", 1, None),
                ("older", "3", "ﬁve \u2013 neural\u00adnetworks", "ann", "skip", None, None),
                (text_hash(kept), "4", kept, "ann", "label", 0, None),
            ],
        )
    assert upgrade_schema(empty)[0] == "0005"
    with connect(empty) as connection:
        found = connection.execute(
            "SELECT text_hash, annotator, action, label, agreed_label FROM golden_label ORDER BY 1, 2"
        ).fetchall()
    new = text_hash(wide)
    assert new == text_hash(plain)
    assert sorted(found) == sorted(
        [
            ("old", "ann", "label", 1, 1),
            ("old", "bob", "label", 0, 1),
            ("old", "cy", "adjudicate", 1, 1),
            (new, "ann", "import", 1, 1),
            (new, "bob", "label", 1, 1),
            (new, "cy", "adjudicate", 1, 1),
            (text_hash(kept), "ann", "label", 0, 0),
        ]
    )


def test_labels_from_before_imports_had_ids_are_kept_and_an_adjudication_counts_again(
    empty: Settings,
) -> None:
    upgrade_schema(empty, to="0006")
    text = text_hash("breakfast")
    with connect(empty) as connection:
        connection.cursor().executemany(
            "INSERT INTO label_event (text_hash, post_id, text, annotator, action, label, queue)"
            " VALUES (%s, '1', 'breakfast', %s, %s, %s, 'random')",
            [
                (text, "ann", "label", 0),
                (text, "ann", "import", 1),
                (text, "judge", "adjudicate", 0),
                (text, "judge", "import", 1),
            ],
        )
        golden = "SELECT annotator, label, agreed_label FROM golden_label ORDER BY 1"
        assert connection.execute(golden).fetchall() == [("ann", 1, 1), ("judge", 1, 1)]
        before = rows(connection)
    assert upgrade_schema(empty)[0] == "0007"
    with connect(empty) as connection:
        assert connection.execute(golden).fetchall() == [("ann", 1, 0), ("judge", 0, 0)]
        kept = [event | {"import_id": None, "recorded_by": None} for event in before["label_event"]]
        assert rows(connection)["label_event"] == kept
        connection.execute("INSERT INTO label_import (version, file, imported_by) VALUES (1, 'f', 'ann')")
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute("UPDATE label_import SET imported_by = 'bob'")


def test_a_ledger_from_before_approvals_keeps_its_rows_and_takes_new_ones(empty: Settings) -> None:
    with connect(empty) as connection:
        connection.execute(BEFORE_APPROVALS)
        connection.execute(PROMOTION, ["promoted"])
    upgrade_schema(empty)
    with connect(empty) as connection:
        connection.execute(PROMOTION, ["rejected"])
        ledger = connection.execute("SELECT outcome, override FROM promotion ORDER BY id").fetchall()
    assert ledger == [("promoted", False), ("rejected", False)]


def test_a_current_database_is_left_alone(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade_schema(empty)
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=2s")
    with connect(empty) as connection, connect(empty) as writer:
        before = structure(connection)
        connection.commit()
        writer.execute(PROMOTION, ["promoted"])  # its lock stops statements that change the table
        assert upgrade_schema(empty) == []
        assert structure(connection) == before


def test_concurrent_upgrades_apply_each_revision_once(empty: Settings) -> None:
    command = [sys.executable, "-m", "include.schema", "upgrade"]
    variables = os.environ | {"TWEETSIEVE_POSTGRES_DATABASE": empty.postgres_database}
    with connect(empty) as connection:
        connection.execute(LOCK)  # so that all of them come to wait for it
        starts = [
            subprocess.Popen(command, cwd=PROJECT_ROOT, env=variables, text=True, stdout=subprocess.PIPE)
            for _ in range(3)
        ]
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        for attempt in Retrying(stop=stop_after_delay(60), wait=wait_fixed(0.05)):
            with attempt:
                assert connection.execute(waiting).fetchone() == (3,)
    said = sorted(start.communicate(timeout=60)[0].partition(":")[0].strip() for start in starts)
    assert said == [f"already at revision {latest_revision()}"] * 2 + ["applied"]


def test_what_needs_the_tables_names_both_revisions_and_the_command(empty: Settings) -> None:
    needed = (
        f"at no revision yet, this release needs revision {latest_revision()}: .*include.deployment.prepare"
    )
    with connect(empty) as connection, pytest.raises(SchemaNotCurrent, match=needed):
        require_current_schema(connection)


def test_a_database_of_a_later_release_is_refused(empty: Settings) -> None:
    upgrade_schema(empty)
    with connect(empty) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaNotCurrent, match=r"revision 9999, .* later release"):
        upgrade_schema(empty)
    with connect(empty) as connection, pytest.raises(SchemaNotCurrent, match="later release"):
        require_current_schema(connection)


def test_a_failed_upgrade_changes_nothing(empty: Settings) -> None:
    with connect(empty) as connection:
        connection.execute("CREATE VIEW stream_monitor AS SELECT 1 AS another")
        connection.execute("CREATE VIEW label_event AS SELECT 1 AS another")
        before = structure(connection)
    with pytest.raises(Exception, match="label_event"):
        upgrade_schema(empty)
    with connect(empty) as connection:
        assert structure(connection) == before
        assert present_revision(connection) is None


def test_the_command_upgrades_and_shows(
    empty: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("include.infra.postgres.connection.get_settings", lambda: empty)
    assert main(["current"]) == 3
    assert main(["upgrade"]) == 0
    assert main(["current"]) == 0
    assert main(["upgrade"]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first == f"the database is at revision none, this release needs {latest_revision()}"
    assert others[0].startswith("applied: 0001")
    assert others[-1] == f"already at revision {latest_revision()}"


def test_no_password_shows_in_what_is_logged(
    empty: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(0)
    upgrade_schema(empty)
    with connect(empty) as connection:
        connection.execute("DROP TABLE alembic_version; DROP VIEW golden_label; CREATE TABLE golden_label ()")
    with pytest.raises(Exception, match="golden_label") as refused:
        upgrade_schema(empty)
    assert caplog.records
    assert empty.postgres_password.get_secret_value() not in caplog.text + str(refused.value)
