"""Airflow in production: real users with roles, by name and password and by OpenID Connect."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx
import psycopg
import pytest

from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_port_settings
from include.infra.processes.service import running
from include.local_stack.airflow import server
from include.local_stack.database.preparation import prepare_databases
from include.local_stack.environment import environment
from include.settings import Settings
from tests.support.oidc_provider import Provider, provider

pytestmark = pytest.mark.stack

DATABASE = "airflow_with_roles"
ANN: dict[str, object] = {
    "sub": "1",
    "email": "ann@example.org",
    "email_verified": True,
    "groups": ["editors"],
}
BOB: dict[str, object] = {
    "sub": "2",
    "email": "bob@example.org",
    "email_verified": True,
    "groups": ["readers"],
}
MALLORY: dict[str, object] = {"sub": "3", "preferred_username": "admin", "email": "", "groups": ["strangers"]}


@dataclass(frozen=True)
class Airflow:
    """An API server, and the provider where its people log in."""

    settings: Settings
    provider: Provider

    def log_in(self, person: Mapping[str, object]) -> httpx.Client:
        """A browser of this person's, after the login page's button."""
        self.provider.person = dict(person)
        browser = httpx.Client(base_url=server.url(self.settings), follow_redirects=True, timeout=60)
        browser.get("/auth/login/oidc").raise_for_status()
        token = browser.cookies.get("_token")
        browser.headers["Authorization"] = f"Bearer {token}"
        return browser


@pytest.fixture(scope="module")
def airflow(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    with provider() as people, pytest.MonkeyPatch.context() as patch:
        changed = {
            "production": True,
            "airflow_database": DATABASE,
            "airflow_port": free_port_settings()["airflow_port"],
            "state_dir": tmp_path_factory.mktemp("production"),
            "oidc_roles": {"editors": "User", "readers": "Viewer"},
        }
        changed |= {name[len("TWEETSIEVE_") :].lower(): value for name, value in people.settings().items()}
        settings = Settings(_env_file=None, **database.model_dump(exclude_unset=True) | changed)
        variables = environment(settings)
        for name, value in variables.items():
            patch.setenv(name, value)
        prepare_databases(settings)
        said: list[str] = []
        server.migrate(settings, variables, said.append)
        server.migrate(settings, variables, said.append)
        assert said.count("preparing Airflow's database") == 1
        (service,) = [one for one in server.services(settings) if one.name == "api-server"]
        with running(service, settings.logs_dir):
            yield Airflow(settings, people)
    with connect(database, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def test_the_kept_password_is_the_administrators_and_no_other(airflow: Airflow) -> None:
    url = f"{server.url(airflow.settings)}/auth/token"
    answers = [
        httpx.post(url, json={"username": user, "password": password}, timeout=60).status_code
        for user, password in (
            (server.ADMIN, server.admin_password(airflow.settings)),
            (server.ADMIN, "admin"),
            ("nobody", server.admin_password(airflow.settings)),
        )
    ]
    assert answers == [201, 401, 401]


def test_roles_follow_the_groups(airflow: Airflow) -> None:
    """An editor starts runs and changes no connection; a reader looks; a stranger gets nothing."""
    run, pool = "/api/v2/dags/no_such_dag/dagRuns", {"name": "mine", "slots": 1}
    found = {}
    for name, person in {"ann": ANN, "bob": BOB, "mallory": MALLORY}.items():
        browser = airflow.log_in(person)
        found[name] = (
            browser.get("/api/v2/dags").status_code,
            browser.post(run, json={"logical_date": None}).status_code,
            browser.post("/api/v2/pools", json=pool).status_code,
        )
    assert found == {"ann": (200, 404, 403), "bob": (200, 403, 403), "mallory": (403, 403, 403)}


def test_nobody_becomes_another_by_a_name_of_their_choice(airflow: Airflow) -> None:
    airflow.log_in(MALLORY)
    with psycopg.connect(
        os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    ) as database:
        rows = database.execute(
            "SELECT u.username, r.name FROM ab_user u JOIN ab_user_role ur ON ur.user_id = u.id"
            " JOIN ab_role r ON r.id = ur.role_id ORDER BY u.id"
        ).fetchall()
    assert (server.ADMIN, "Admin") in rows
    mallory = [role for name, role in rows if name.startswith("3 at http")]
    assert mallory == ["Public"]
    assert [role for name, role in rows if name == server.ADMIN] == ["Admin"]
