"""The rights that the roles have on a real database are those of the table of rights, and no others."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from include.database_settings import ROLES, Role
from include.infra.postgres.connection import connect
from include.local_stack.database.preparation import prepare_databases
from include.schema.dataset_tables import VersionTables, create_raw, create_split
from include.schema.revision import require_current_schema
from include.schema.roles.grants import PUBLIC, Right, granted, wanted
from include.schema.roles.rights import GROUPS, SHARED, kind_of, whole
from include.settings import Settings
from tests.support.schema.own_database import own_database

OF_OWNERS = """
    SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
"""


@pytest.fixture
def fresh(database: Settings) -> Iterator[Settings]:
    """A database of its own: what a test grants in it is of no concern to others."""
    with own_database(database, "roles_test") as own:
        prepare_databases(own)
        yield own


def test_every_table_of_the_schema_has_a_row_in_the_table_of_rights(fresh: Settings) -> None:
    with connect(fresh) as connection:
        found = {whole(table.name) for table in granted(connection)}
    assert found == set(SHARED), "a revision's new table needs a row in include/schema/roles/rights.py"


def test_each_role_has_what_the_table_says_and_nothing_else(fresh: Settings) -> None:
    with connect(fresh) as connection:
        for table, rights in granted(connection).items():
            assert rights == wanted(table, fresh), table
        for name, owner in connection.execute(OF_OWNERS).fetchall():
            assert owner == fresh.login_name(kind_of("public", name, fresh).owner), name
        functions = connection.execute(
            "SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
        assert functions == [(fresh.login_name("owner"),)]


def test_no_role_can_do_more_than_log_in(fresh: Settings) -> None:
    names = [fresh.login_name(role) for role in (*ROLES, *GROUPS)]
    with connect(fresh) as connection:
        mighty = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)"
            " AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)",
            [names],
        ).fetchall()
        memberships = connection.execute(
            "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
            " WHERE member = ANY (%s::regrole[]) ORDER BY 1, 2",
            [names],
        ).fetchall()
    assert mighty == []
    assert memberships == [
        ("tweetsieve_results", "tweetsieve_owner"),
        ("tweetsieve_results", "tweetsieve_stream"),
        ("tweetsieve_results", "tweetsieve_tasks"),
        ("tweetsieve_stream", "tweetsieve_forgetter"),  # to drop what a killed stream left
    ]


def test_a_right_that_somebody_granted_goes_at_the_next_preparation(fresh: Settings) -> None:
    with connect(fresh) as connection:
        connection.execute("GRANT ALL ON promotion TO PUBLIC")
        connection.execute("GRANT UPDATE (text) ON label_event TO tweetsieve_tagger")
        connection.execute("REVOKE SELECT ON links FROM tweetsieve_dashboard")
        connection.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        table = next(table for table in granted(connection) if table.name == "promotion")
        assert Right(PUBLIC, "TRUNCATE") in granted(connection)[table]
    prepare_databases(fresh)
    with connect(fresh) as connection:
        assert all(rights == wanted(table, fresh) for table, rights in granted(connection).items())
    with connect(fresh.as_role("monitor")) as connection, pytest.raises(psycopg.Error, match="permission"):
        connection.execute("CREATE TABLE mine (a integer)")


def test_tables_that_programs_make_get_their_rights_as_they_are_made(fresh: Settings) -> None:
    tables = VersionTables.of(3, fresh)
    with connect(fresh.as_role("tasks")) as connection:
        create_raw(connection, tables.raw)
        create_split(connection, tables.split("test"))
    with connect(fresh.as_role("stream")) as connection:
        connection.execute("SET LOCAL ROLE tweetsieve_results")
        connection.execute("CREATE TABLE readings (a integer)")
    with connect(fresh) as connection:
        for table, rights in granted(connection).items():
            assert rights == wanted(table, fresh), table
        assert {
            name: owner for name, owner in connection.execute(OF_OWNERS) if whole(name) not in SHARED
        } == {
            tables.raw: "tweetsieve_tasks",
            tables.split("test"): "tweetsieve_tasks",
            "readings": "tweetsieve_results",
        }


@pytest.mark.parametrize("role", ROLES)
def test_only_those_who_need_a_database_can_connect_to_it(database: Settings, role: Role) -> None:
    airflows = database.model_copy(update={"postgres_database": database.airflow_database})
    for settings, allowed in (
        (database, role != "airflow"),
        (airflows, role in ("airflow", "backup")),
    ):
        if allowed:
            connect(settings.as_role(role)).close()
        else:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                connect(settings.as_role(role))


def test_a_database_that_one_role_owned_is_taken_over_with_its_rows(database: Settings) -> None:
    """As an earlier release left it: everything belongs to the administrator, a version half built."""
    from include.schema.upgrade import upgrade_schema

    with own_database(database, "roles_before") as own:
        alone = own.model_copy(update={"database_roles": False})
        upgrade_schema(alone, to="0007")
        tables = VersionTables.of(2, own)
        with connect(alone) as connection:
            create_raw(connection, tables.raw)
            connection.execute("CREATE TABLE numbers_total (rows bigint)")
            connection.execute('CREATE UNLOGGED TABLE "stream_stage_numbers$1_0_rows" (a bigint)')
            connection.execute("CREATE SCHEMA building_2_0123456789ab CREATE TABLE half (a integer)")
            connection.execute("INSERT INTO numbers_total VALUES (42)")
        prepare_databases(own)
        with connect(own.as_role("tasks"), autocommit=True) as connection:
            connection.execute("DROP SCHEMA building_2_0123456789ab CASCADE")
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(tables.raw)))
        with connect(own.as_role("stream"), autocommit=True) as connection:
            connection.execute('DROP TABLE "stream_stage_numbers$1_0_rows"')
            assert connection.execute(
                "UPDATE numbers_total SET rows = rows + 1 RETURNING rows"
            ).fetchone() == (43,)


def test_an_administrator_who_is_no_superuser_is_enough(database: Settings) -> None:
    """As on a server that somebody else runs."""
    changes = {
        "postgres_user": "plain_admin",
        "postgres_password": SecretStr("plain"),
        "postgres_database": "plain_main",
        "airflow_database": "plain_airflow",
        "database_role_prefix": "plain",
    }
    own = database.model_copy(update=changes)
    with connect(database, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain_admin LOGIN CREATEROLE CREATEDB PASSWORD 'plain'")
        try:
            for _ in range(2):
                prepare_databases(own)
            with connect(own.as_role("tasks")) as task:
                require_current_schema(task)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    task.execute("DELETE FROM promotion")
            with connect(own) as administrator:
                assert all(rights == wanted(table, own) for table, rights in granted(administrator).items())
        finally:
            connection.execute("DROP DATABASE IF EXISTS plain_main WITH (FORCE)")
            connection.execute("DROP DATABASE IF EXISTS plain_airflow WITH (FORCE)")
            for name in (*map(own.login_name, (*ROLES, *GROUPS)), "plain_admin"):
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
