"""The embedded stack's commands that start nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from include.local_stack import stack
from include.local_stack.__main__ import main
from include.local_stack.addresses import shortest, where_to_look
from include.local_stack.airflow.server import admin_password
from include.local_stack.stack import ProgramStatus
from include.settings import Settings


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = Settings(_env_file=None, state_dir=tmp_path)
    monkeypatch.setattr("include.settings.get_settings", lambda: settings)
    settings.logs_dir.mkdir(parents=True)
    return settings


def test_status_ends_with_where_to_log_in_and_never_with_the_password(
    own: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = admin_password(own)
    line = ProgramStatus("scheduler", "RUNNING", True, (), "pid 1")
    monkeypatch.setattr(stack, "status", lambda settings: [line])
    assert main(["status"]) == 0
    told = capsys.readouterr().out
    assert f"http://{own.host}:{own.airflow_port}   log in as admin; the password is in " in told
    assert "make password" in told
    assert secret not in told
    monkeypatch.setattr(
        stack, "status", lambda settings: [line, ProgramStatus("kafka", "FATAL", False, (), "died")]
    )
    assert main(["status"]) == 3
    assert "not ready: kafka; see 'make logs NAME=kafka'" in capsys.readouterr().out


def test_the_password_alone_can_be_read(own: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["password"]) == 2
    assert "error: there is no password yet: 'make up' makes one" in capsys.readouterr().err
    secret = admin_password(own)
    assert main(["password"]) == 0
    assert capsys.readouterr().out == f"{secret}\n"
    file = own.state_dir / "airflow" / "passwords.json"
    assert json.loads(file.read_text()) == {"admin": secret}
    assert any(shortest(file) in line for line in where_to_look(own))


def test_logs_of_one_program_are_its_last_lines(own: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    (own.logs_dir / "kafka.log").write_text("".join(f"INFO {number}\n" for number in range(1_000)))
    (own.logs_dir / "feed.log").write_text("")
    assert main(["logs", "--name", "kafka"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"INFO {number}" for number in range(960, 1_000)]
    assert main(["logs", "--name=kafka", "--lines=1"]) == 0
    assert capsys.readouterr().out == "INFO 999\n"
    assert main(["logs", "--name=feed"]) == 0
    assert capsys.readouterr().out == "feed has written nothing yet\n"
    assert main(["logs", "--name=nope"]) == 2
    assert "error: no log of nope in" in (said := capsys.readouterr().err)
    assert "there are: feed, kafka" in said


def test_logs_of_all_is_an_overview(own: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    (own.logs_dir / "kafka.log").write_text("INFO x\n" * 10_000)
    (own.logs_dir / "feed.log").write_text("error: no\n")
    assert main(["logs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("feed: a problem at ")
    assert "kafka: INFO x" in lines
    assert len(lines) < 10


@pytest.mark.parametrize("given", [[], ["--yes=no"], ["--yes", "0"]])
def test_nothing_is_deleted_without_a_yes(
    given: list[str], own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "delete_state", lambda settings: pytest.fail("it was deleted"))
    assert main(["clean", *given]) == 2
