"""Who logs in to the database, and with which password."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from include.infra.processes.secret_files import private_folder, write
from include.settings import Settings


def settings(folder: Path, **values: object) -> Settings:
    given = {"postgres_password": "", "database_passwords": {}, **values}
    return Settings(_env_file=None, state_dir=folder, **given)  # type: ignore[arg-type]


def test_without_a_role_it_is_the_administrator(tmp_path: Path) -> None:
    own = settings(tmp_path, postgres_user="acme", postgres_password="mine")
    assert (own.database_user, own.database_password.get_secret_value()) == ("acme", "mine")


def test_a_role_has_its_own_name_and_its_own_password(tmp_path: Path) -> None:
    own = settings(tmp_path, postgres_password="mine", database_passwords='{"stream": "its own"}')
    stream = own.as_role("stream")
    assert (stream.database_user, stream.database_password.get_secret_value()) == (
        "tweetsieve_stream",
        "its own",
    )
    assert own.as_role("tagger").database_password.get_secret_value() == "", "not another's"


def test_a_password_that_changes_is_read_again(tmp_path: Path) -> None:
    own = settings(tmp_path).as_role("monitor")
    private_folder(own.role_secrets("monitor").parent)
    for password in ("first", "second"):
        write(own.role_secrets("monitor"), {"monitor": password})
        assert own.database_password.get_secret_value() == password


def test_without_roles_a_program_is_the_administrator_whatever_it_is_called(tmp_path: Path) -> None:
    own = settings(tmp_path, database_roles=False, database_role="stream", postgres_password="mine")
    assert (own.database_user, own.database_password.get_secret_value()) == ("tweetsieve", "mine")


@pytest.mark.parametrize("given", ['{"strem": "x"}', '["x"]', "{", '{"stream": 1}'])
def test_passwords_that_mean_nothing_are_refused_without_showing_them(
    tmp_path: Path, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWEETSIEVE_DATABASE_PASSWORDS", given)
    with pytest.raises(ValidationError, match="TWEETSIEVE_DATABASE_PASSWORDS"):
        Settings(_env_file=None, state_dir=tmp_path)


@pytest.mark.parametrize(("password", "fine"), [("", False), ("tweetsieve_stream", False), ("f00ba4", True)])
def test_production_refuses_a_known_password_of_the_programs_own_role(
    tmp_path: Path, password: str, fine: bool
) -> None:
    values = {
        "production": True, "postgres_host": "db", "database_role": "stream",
        "database_passwords": {"stream": password},
    }  # fmt: skip
    if fine:
        assert settings(tmp_path, **values).production
    else:
        with pytest.raises(ValidationError, match="TWEETSIEVE_DATABASE_PASSWORDS of role 'stream'"):
            settings(tmp_path, **values)
