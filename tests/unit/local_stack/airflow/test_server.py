from __future__ import annotations

import json
import stat
from pathlib import Path

from include.local_stack.airflow import server as airflow
from include.local_stack.environment import environment, programs_environment, settings_variables
from include.settings import Settings


def settings(folder: Path, **values) -> Settings:
    return Settings(state_dir=folder, airflow_port=8123, **values)


def test_everything_is_on_loopback_and_one_port(tmp_path):
    variables = airflow.variables(settings(tmp_path))
    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert variables["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"


def test_a_password_of_any_characters_survives_in_thedatabase_url(tmp_path):
    from sqlalchemy.engine import make_url

    own = settings(tmp_path, database_passwords={"airflow": "p@ss:/%$ ü"})
    url = airflow.variables(own)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert make_url(url).password == "p@ss:/%$ ü"


def test_generated_passwords_are_there_before_the_databases_first_start(tmp_path):
    own = settings(tmp_path, database_passwords={})
    variables = airflow.variables(own)
    passwords = {
        role: own.as_role(role).database_password.get_secret_value() for role in ("airflow", "tasks")
    }
    assert len(set(passwords.values())) == 2
    assert all(len(password) > 40 for password in passwords.values())
    address = variables["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert f"//tweetsieve_airflow:{passwords['airflow']}@" in address
    tasks = json.loads(variables["AIRFLOW_CONN_STREAMINGDB"])
    assert (tasks["login"], tasks["password"]) == ("tweetsieve_tasks", passwords["tasks"])
    extra = json.loads(variables["AIRFLOW_CONN_KAFKA_DEFAULT"])["extra"]
    assert extra["sasl.password"] == own.broker_password.get_secret_value() != ""


def test_without_roles_all_log_in_as_one(tmp_path):
    own = settings(tmp_path, database_roles=False, postgres_user="acme", postgres_password="mine")
    variables = airflow.variables(own)
    assert "//acme:mine@" in variables["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert json.loads(variables["AIRFLOW_CONN_STREAMINGDB"])["login"] == "acme"


def test_the_environment_of_all_programs_holds_no_secret(tmp_path):
    own = settings(tmp_path, postgres_password="hush-hush", database_passwords={"tasks": "secret-secret"})
    every, shared = environment(own), programs_environment(own)
    secrets = {every[name] for name in airflow.secret_variables(own)} | {"hush-hush", "secret-secret"}
    assert not [name for name, value in shared.items() if any(secret in value for secret in secrets)]
    assert shared.keys() < every.keys()


def test_connections_of_the_stack(tmp_path):
    variables = airflow.variables(settings(tmp_path, spark_master="spark://cluster:7077", kafka_port=5))
    assert json.loads(variables["AIRFLOW_CONN_SPARK_DEFAULT"])["host"] == "spark://cluster:7077"
    extra = json.loads(variables["AIRFLOW_CONN_KAFKA_DEFAULT"])["extra"]
    assert extra["bootstrap.servers"] == "127.0.0.1:5"
    assert json.loads(variables["AIRFLOW_CONN_STREAMINGDB"])["schema"] == "streamingdb"


def test_secrets_are_made_once_and_private(tmp_path):
    first, second = (airflow.variables(settings(tmp_path)) for _ in range(2))
    assert first == second
    for file in tmp_path.rglob("*.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_another_state_folder_has_other_secrets(tmp_path):
    one, two = (airflow.admin_password(settings(tmp_path / name)) for name in "ab")
    assert one != two


def test_programs_read_the_settings_they_were_started_with(tmp_path, monkeypatch):
    given = settings(tmp_path, postgres_password="hush", dataset_prefix="posts", model_store=tmp_path / "m")
    for name, value in settings_variables(given).items():
        monkeypatch.setenv(name, value)
    assert Settings() == given
