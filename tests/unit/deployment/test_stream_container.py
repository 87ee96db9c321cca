"""The process manager of the streams in a container."""

from __future__ import annotations

import stat
from configparser import RawConfigParser
from dataclasses import replace
from pathlib import Path

import pytest

from include.deployment import stream_container
from include.deployment.stream_container import configuration, main, started_programs, write
from include.infra.processes import paths
from include.infra.processes.service import Service
from include.settings import Settings
from include.streaming.programs import Program
from include.streaming.registry import workload_named

NAMES = ("stream-ai_tweets", "stream-b", "feed")
SERVICES = [Service(name, ["true", "100%"], ready=lambda: True) for name in NAMES]


def test_only_what_is_named_starts_by_itself(tmp_path: Path) -> None:
    parser, settings = RawConfigParser(), Settings(state_dir=tmp_path)
    parser.read_string(configuration(SERVICES, ["stream-b"], settings))
    started = {name: parser[f"program:{name}"]["autostart"] for name in NAMES}
    assert started == {"stream-ai_tweets": "false", "stream-b": "true", "feed": "false"}
    assert parser["program:feed"]["command"] == "true 100%%"
    assert parser["unix_http_server"]["file"] == str(paths.socket_file(settings))


def test_the_configured_workloads_services_and_stream_start(monkeypatch: pytest.MonkeyPatch) -> None:
    services = (Program("scorer", "some.scorer"),)
    declared = replace(workload_named("ai_tweets"), name="other", services=services)
    monkeypatch.setattr(stream_container, "workload_named", lambda name, _: {"other": declared}[name])
    assert started_programs(Settings(_env_file=None, stream_workload="other")) == ["scorer", "stream-other"]


def test_a_stale_socket_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path)
    monkeypatch.setattr(stream_container, "stream_services", lambda _: SERVICES)
    for folder in (paths.run_dir(settings), paths.socket_file(settings).parent):
        folder.mkdir(parents=True, exist_ok=True)
    paths.socket_file(settings).touch()
    write(settings)
    assert not paths.socket_file(settings).exists()
    assert "program:stream-ai_tweets" in paths.config_file(settings).read_text()
    assert stat.S_IMODE(settings.logs_dir.stat().st_mode) == 0o700


def test_a_workload_that_is_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path, stream_workload="nope")
    monkeypatch.setattr(stream_container, "get_settings", lambda: settings)
    monkeypatch.setattr(stream_container, "stream_services", lambda _: SERVICES)
    assert main([]) == 2
    assert "'nope' is none of: " in capsys.readouterr().err


def test_the_check_fails_where_nothing_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_container, "get_settings", lambda: Settings(state_dir=tmp_path))
    assert main(["--check"]) == 1
