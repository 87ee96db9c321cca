from __future__ import annotations

import shlex
import signal
from configparser import RawConfigParser
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from supervisor.options import ServerOptions

from include.infra.errors import StackError
from include.infra.processes import paths
from include.infra.processes.service import Service
from include.infra.processes.supervisor_config import render
from include.settings import Settings

PATHS = (
    "jürgen",
    "a b",
    "it's",
    'say "so"',
    "a#b",
    "a #b",
    "a ;b",
    "a\\nb",
    "100%",
    "%s",
    "%(x)s #",
    "$X",
    "a\u00a0#b",
)


def rendered(service: Service, state_dir: Path = Path("/tmp/state")) -> RawConfigParser:
    parser = RawConfigParser()
    parser.read_string(render([service], Settings(state_dir=state_dir)))
    return parser


def service(**changes: Any) -> Service:
    return replace(Service(name="web", command=["serve", "--port", "1"], ready=lambda: True), **changes)


def test_a_command_comes_back_as_it_was():
    command = ["/a b/python", "-c", 'print("100%")', "it's"]
    text = rendered(service(command=command))["program:web"]["command"]
    assert shlex.split(text.replace("%%", "%")) == command


def test_a_service_of_its_own_environment_starts_through_env():
    text = rendered(service(environment={"SUBMIT": "--jars a,b shell"}))["program:web"]["command"]
    assert shlex.split(text)[:2] == ["/usr/bin/env", "SUBMIT=--jars a,b shell"]


def test_signals_and_patience_are_the_services_own():
    section = rendered(service(stop_signal=signal.SIGINT, stop_seconds=7, stop_whole_group=False))[
        "program:web"
    ]
    assert (section["stopsignal"], section["stopwaitsecs"]) == ("INT", "7")
    assert (section["stopasgroup"], section["killasgroup"]) == ("false", "true")


def test_nothing_starts_by_itself():
    assert rendered(service())["program:web"]["autostart"] == "false"


@pytest.mark.parametrize("name", PATHS)
def test_supervisor_reads_any_path_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    """By its own parser, to which ' #' and ' ;' begin a comment."""
    state = tmp_path / name
    settings = Settings(_env_file=None, state_dir=state)
    for folder in (settings.logs_dir, paths.run_dir(settings)):
        folder.mkdir(parents=True)
    command = ["/usr/bin/python", f"{state}/a b", "# not a comment", "; nor this"]
    paths.config_file(settings).write_text(render([service(command=command)], settings), encoding="utf-8")
    monkeypatch.setenv("TWEETSIEVE_STATE_DIR", str(state))
    options = ServerOptions()
    options.realize(["-c", str(paths.config_file(settings))], doc="")
    (group,) = options.process_group_configs
    (program,) = group.process_configs
    assert shlex.split(program.command) == command
    assert program.stdout_logfile == f"{state}/logs/web.log"
    assert (options.logfile, options.pidfile) == (
        f"{state}/logs/supervisord.log",
        f"{state}/run/supervisord.pid",
    )
    assert [server["file"] for server in options.server_configs] == [str(paths.socket_file(settings))]


@pytest.mark.parametrize("path", ["/a\nb", "/a\rb", "/%(here)s"])
def test_what_no_escape_saves_is_refused(path: str):
    with pytest.raises(StackError, match="line breaks"):
        rendered(service(command=[path]), state_dir=Path(path))


def test_no_password_is_written():
    settings = Settings(state_dir=Path("/tmp/state"), postgres_password="hush-hush")
    assert "hush-hush" not in render([service()], settings)


@pytest.mark.parametrize("depth", [1, 40])
def test_the_socket_path_stays_short_and_is_the_same_each_time(depth: int):
    settings = Settings(state_dir=Path("/tmp", *["deep"] * depth))
    socket = paths.socket_file(settings)
    assert len(str(socket)) <= paths.LONGEST_SOCKET
    assert socket == paths.socket_file(settings)
