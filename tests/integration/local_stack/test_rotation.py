"""New passwords for a real server, running or not, also where the change was broken off."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
from pydantic import SecretStr

from include.database_settings import ROLES
from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.local_stack import stack
from include.local_stack.airflow import server as airflow
from include.local_stack.database import passwords, superuser
from include.local_stack.postgres import service
from include.local_stack.rotation.rotate import rotate
from include.settings import Settings

pytestmark = pytest.mark.stack


class Killed(BaseException):
    """Where this process was to end."""


def quiet(_: str) -> None:
    """Progress lines are of no interest here."""


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a stack of its own, whose passwords are generated; only its database runs."""
    for name in ("POSTGRES_PASSWORD", "DATABASE_PASSWORDS"):  # as the fixture ``settings`` gives
        monkeypatch.delenv(f"TWEETSIEVE_{name}", raising=False)
    own = Settings(_env_file=None, state_dir=tmp_path / "state", postgres_port=free_ports(1)[0])
    stack.up(own, quiet, [service(own)])
    airflow.variables(own)
    yield own
    stack.down(own, quiet)


def secrets(settings: Settings) -> dict[str, str]:
    """Every password and key that is on the disk, by a name."""
    found = {role: settings.as_role(role).database_password.get_secret_value() for role in ROLES}
    keys = json.loads(airflow.keys_file(settings).read_text())
    admin = airflow.admin_password(settings)
    return {**found, **keys, "superuser": settings.database_password.get_secret_value(), "admin": admin}


def logs_in(settings: Settings, role: str, password: str) -> bool:
    own = settings.model_copy(
        update={
            "database_role": "",
            "postgres_user": "tweetsieve" if role == "superuser" else settings.login_name(role),
            "postgres_password": SecretStr(password),
            "postgres_database": settings.airflow_database
            if role == "airflow"
            else settings.postgres_database,
        }
    )
    try:
        connect(own).close()
    except psycopg.OperationalError as problem:
        if "authentication failed" not in str(problem):
            raise
        return False
    return True


def works(settings: Settings, found: dict[str, str]) -> list[str]:
    """The roles that log in with these passwords."""
    return [role for role in (*ROLES, "superuser") if logs_in(settings, role, found[role])]


EVERYBODY = [*ROLES, "superuser"]


def test_on_a_running_stack_the_new_ones_work_and_the_old_ones_do_not(own: Settings) -> None:
    old = secrets(own)
    assert works(own, old) == EVERYBODY
    said: list[str] = []
    rotate(own, said.append)
    new = secrets(own)
    assert {name for name in old if old[name] == new[name]} == set()
    assert works(own, new) == EVERYBODY
    assert works(own, old) == []
    assert not [secret for secret in new.values() if secret in "\n".join(said)]
    for file in own.state_dir.rglob("secrets/**/*"):
        assert stat.S_IMODE(file.stat().st_mode) == (0o700 if file.is_dir() else 0o600), file
    assert json.loads(own.postgres_secrets.read_text()).keys() == {"tweetsieve"}
    stack.up(own, quiet, [service(own)])
    assert works(own, new) == EVERYBODY, "a second up changes nothing"


def test_on_a_stopped_stack_they_work_from_the_next_start_on(own: Settings) -> None:
    old = secrets(own)
    stack.down(own, quiet)
    rotate(own, quiet)
    rotate(own, quiet)
    new = secrets(own)
    assert new["fernet_key"].endswith(f",{old['fernet_key']}"), "what is encrypted can still be read"
    stack.up(own, quiet, [service(own)])
    assert works(own, new) == EVERYBODY
    assert works(own, old) == []


@pytest.mark.parametrize(
    ("module", "function"),
    [(passwords, "set_missing_passwords"), (superuser, "change"), (superuser, "verifier")],
    ids=["before the roles", "before the superuser", "when the superuser's is written down"],
)
def test_a_change_that_was_broken_off_is_finished_by_up(
    own: Settings, monkeypatch: pytest.MonkeyPatch, module: ModuleType, function: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(module, function, die)
        with pytest.raises(Killed):
            rotate(own, quiet)
    stack.up(own, quiet, [service(own)])
    assert works(own, secrets(own)) == EVERYBODY
    assert json.loads(own.postgres_secrets.read_text()).keys() == {"tweetsieve"}


def test_passwords_that_a_person_gave_are_left_alone(own: Settings) -> None:
    given = own.model_copy(update={"database_passwords": {"tagger": SecretStr("my-own")}})
    stack.up(given, quiet, [service(given)])
    said: list[str] = []
    rotate(given, said.append)
    assert any("left as they are: tagger" in line for line in said)
    assert works(given, {**secrets(given), "tagger": "my-own"}) == EVERYBODY
