"""The last lines of ``make up``: who may log in where, and the file of the password, never the password."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.local_stack.addresses import where_to_look
from include.local_stack.airflow import server as airflow
from include.local_stack.database import superuser
from include.settings import Settings


def test_every_log_in_names_the_file_of_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(state_dir=tmp_path / "state", postgres_password="")
    airflow.variables(settings)
    superuser.password(settings)
    text = "\n".join(where_to_look(settings))
    assert "log in as admin; the password is in state/airflow/" in text
    assert "log in as tweetsieve; the password is in state/secrets/postgres.json" in text
    assert "log in as tweetsieve; the password is in state/secrets/kafka.json" in text
    assert settings.database_password.get_secret_value() not in text
    assert settings.broker_password.get_secret_value() not in text
    assert airflow.admin_password(settings) not in text


def test_a_password_of_ones_own_is_in_no_file(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, postgres_password="mine")
    assert "postgres.json" not in "\n".join(where_to_look(settings))
