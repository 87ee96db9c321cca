"""The process manager of the live programs in a container."""

from __future__ import annotations

import stat
from configparser import RawConfigParser
from pathlib import Path

from include.deployment.stream_container import configuration, main, write
from include.infra.processes import paths
from include.infra.processes.service import Service
from include.settings import Settings

SERVICES = [Service(name, ["true", "100%"], ready=lambda: True) for name in ("stream", "feed")]


def test_only_the_classifier_starts_by_itself(tmp_path: Path) -> None:
    parser = RawConfigParser()
    parser.read_string(configuration(SERVICES, Settings(state_dir=tmp_path)))
    assert parser["program:stream"]["autostart"] == "true"
    assert parser["program:feed"]["autostart"] == "false"
    assert parser["program:feed"]["command"] == "true 100%%"
    assert parser["unix_http_server"]["file"].startswith(str(tmp_path))


def test_a_stale_socket_goes_away(tmp_path: Path, monkeypatch) -> None:
    settings = Settings(state_dir=tmp_path)
    monkeypatch.setattr("include.deployment.stream_container.live", lambda _: SERVICES)
    paths.run_dir(settings).mkdir()
    paths.socket_file(settings).touch()
    write(settings)
    assert not paths.socket_file(settings).exists()
    assert "program:stream" in paths.config_file(settings).read_text()
    assert stat.S_IMODE(settings.logs_dir.stat().st_mode) == 0o700


def test_the_check_says_that_nothing_answers(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(
        "include.deployment.stream_container.get_settings", lambda: Settings(state_dir=tmp_path)
    )
    assert main(["--check"]) == 1
