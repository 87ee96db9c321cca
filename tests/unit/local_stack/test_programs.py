"""Each program of the stack logs in to the database with the rights that it needs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from include.local_stack.airflow import server as airflow
from include.local_stack.programs import programs
from include.settings import Settings
from include.streaming.control.launcher import stream_program

ROLE = "TWEETSIEVE_DATABASE_ROLE"
NO_DATABASE = {"postgres", "kafka", "model-server"}
ROLES = {
    "tagger": "tagger",
    "dashboard": "dashboard",
    "inbox": "inbox",
    "monitor": "monitor",
    stream_program("ai_tweets"): "stream",
    **dict.fromkeys(airflow.PROGRAMS, "tasks"),
}


def test_every_program_has_its_role_and_none_the_administrators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.local_stack.streams.spark_jars", lambda _: [])
    services = {service.name: service for service in programs(Settings(state_dir=tmp_path))}
    given = {name: service.environment.get(ROLE) for name, service in services.items()}
    assert {name for name, role in given.items() if role is None} == NO_DATABASE
    assert {name: given[name] for name in ROLES} == ROLES
    assert {given[name] for name in given.keys() - ROLES.keys() - NO_DATABASE} <= {"stream"}


def test_airflows_programs_get_their_secrets_as_they_start(tmp_path: Path) -> None:
    for service in airflow.services(Settings(state_dir=tmp_path)):
        assert service.command[:3] == [sys.executable, "-m", "include.local_stack.airflow.program"]
