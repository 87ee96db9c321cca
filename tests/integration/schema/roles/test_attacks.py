"""What a program could do that somebody has taken over: each role tries, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import psycopg
import pytest

from include.database_settings import ROLES, Role
from include.infra.postgres.connection import connect
from include.local_stack.database.preparation import prepare_databases
from include.promotion.ledger.chain import check_ledger
from include.settings import Settings
from tests.support.schema.own_database import own_database

APPEND_ONLY = (
    "label_event", "label_import", "promotion", "promotion_scoring", "promotion_evidence", "traffic_share",
    "curation_event",
)  # fmt: skip

TIME = {"promotion": "finished_at", "traffic_share": "changed_at"}

LEDGER_ROW = (
    "INSERT INTO public.promotion (model_name, target, action, to_version, outcome, reason, evidence,"
    " evidence_hash, started_at) VALUES ('m', 'local', 'promote', 1, 'promoted', '', '{}', '', now())"
)
REPLACED_GUARD = """
    CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'
"""
ON_THE_SERVER = (
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY (SELECT 1) TO '/tmp/tweetsieve-attack'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT * FROM pg_authid",
    "SET session_replication_role = 'replica'",
    "ALTER SYSTEM SET log_statement = 'all'",
    "CREATE ROLE mallory SUPERUSER",
    "CREATE FUNCTION evil() RETURNS integer LANGUAGE c AS 'libc', 'system'",
    "CREATE DATABASE mallory",
    "ALTER ROLE tweetsieve_owner LOGIN PASSWORD 'mine'",
    "ALTER ROLE tweetsieve PASSWORD 'mine'",
    "SET ROLE tweetsieve_owner",
    "SET SESSION AUTHORIZATION tweetsieve",
)


@pytest.fixture(scope="module")
def attacked(database: Settings) -> Iterator[Settings]:
    with own_database(database, "attacked") as own:
        prepare_databases(own)
        yield own


def refused(settings: Settings, statement: str) -> psycopg.Error | None:
    """Why the server refuses a statement; None where it does not. Nothing of it stays."""
    alone = statement.startswith(("ALTER SYSTEM", "CREATE DATABASE"))  # in no transaction
    with connect(settings, autocommit=True) as connection:
        try:
            with nullcontext() if alone else connection.transaction(force_rollback=True):
                connection.execute(statement)
        except psycopg.Error as problem:
            return problem
    return None


@pytest.mark.parametrize("role", ROLES)
def test_no_role_reaches_the_server_other_roles_or_other_databases(attacked: Settings, role: Role) -> None:
    own = attacked.as_role(role)
    if role == "airflow":  # which has no access to our database at all
        own = own.model_copy(update={"postgres_database": own.airflow_database})
    for statement in ON_THE_SERVER:
        problem = refused(own, statement)
        assert isinstance(problem, psycopg.errors.InsufficientPrivilege), f"{role}: {statement}: {problem}"
    with connect(own) as connection:
        try:
            connection.execute("CREATE TEMP TABLE stolen (line text)")
        except psycopg.errors.InsufficientPrivilege:
            return  # no table to copy into
        for source in ("PROGRAM 'id'", "'/etc/passwd'"):
            with (
                connection.transaction(force_rollback=True),
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(f"COPY stolen FROM {source}")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "airflow"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_role_changes_what_is_append_only(attacked: Settings, role: Role, table: str) -> None:
    for statement in (
        f"UPDATE {table} SET {TIME.get(table, 'created_at')} = now()",  # noqa: S608
        f"DELETE FROM {table}",  # noqa: S608
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only",
        f"DROP TRIGGER {table}_append_only ON {table}",
        f"ALTER TABLE {table} RENAME TO gone",
        f"DROP TABLE {table} CASCADE",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
        f"CREATE POLICY mine ON {table} USING (true)",
        f"MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
        REPLACED_GUARD,
    ):
        problem = refused(attacked.as_role(role), statement)
        assert isinstance(problem, psycopg.errors.InsufficientPrivilege), f"{role}: {statement}: {problem}"


@pytest.mark.parametrize(
    "role", ["stream", "tagger", "dashboard", "monitor", "keeper", "backup", "forgetter"]
)
def test_only_tasks_add_to_the_ledger(attacked: Settings, role: Role) -> None:
    assert isinstance(refused(attacked.as_role(role), LEDGER_ROW), psycopg.errors.InsufficientPrivilege)


def test_a_temporary_table_of_the_ledgers_name_does_not_fork_the_chain(attacked: Settings) -> None:
    with connect(attacked.as_role("tasks")) as connection:
        connection.execute(LEDGER_ROW)
    with connect(attacked.as_role("tasks")) as connection:
        connection.execute("CREATE TEMP TABLE promotion AS SELECT * FROM public.promotion")
        connection.execute("UPDATE pg_temp.promotion SET id = 41, entry_hash = repeat('0', 64)")
        connection.execute(LEDGER_ROW)
    with connect(attacked.as_role("tasks")) as connection:
        assert connection.execute("SELECT id FROM promotion ORDER BY id").fetchall() == [(1,), (2,)]
        assert check_ledger(connection).entries == 2


CURATED = ("curation_event", "curation_lease", "curation_visit")
"""What the dashboard writes of its readers' decisions; of them it only adds events."""


def test_the_dashboard_writes_decisions_alone_and_the_backup_nothing(attacked: Settings) -> None:
    with connect(attacked) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    for role in ("dashboard", "backup"):
        for (table,) in names:
            if role == "dashboard" and table in CURATED:
                continue
            for statement in (f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"):  # noqa: S608
                problem = refused(attacked.as_role(role), statement)
                assert isinstance(problem, psycopg.errors.InsufficientPrivilege), f"{role}: {statement}"


def test_the_dashboard_changes_no_card_but_by_an_event(attacked: Settings) -> None:
    for statement in (
        "UPDATE repost_card SET state = 'hidden'",
        "UPDATE repost_weight SET half_life_hours = 1",
        "SELECT follow_curation()",
        "UPDATE curation_event SET curator = 'eve'",
    ):
        assert refused(attacked.as_role("dashboard"), statement) is not None, statement
    assert refused(attacked.as_role("tagger"), "SELECT rank_cards(3)") is not None


def test_a_role_of_ours_that_somebody_made_mighty_stops_the_preparation(
    database: Settings, tmp_path: Path
) -> None:
    from include.schema.roles.login import MightyRole

    others = database.model_copy(update={"database_role_prefix": "mighty", "state_dir": tmp_path})
    with connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE mighty_stream SUPERUSER LOGIN")
        try:
            with pytest.raises(MightyRole, match=r"mighty_stream .* can do more than log in"):
                prepare_databases(others)
        finally:
            connection.execute("DROP ROLE mighty_stream")
