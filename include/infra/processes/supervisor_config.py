"""supervisord's configuration, generated from the list of services."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from configparser import RawConfigParser
from io import StringIO

from include.infra.errors import StackError
from include.infra.processes import paths
from include.infra.processes.service import Service
from include.settings import PROJECT_ROOT, Settings


def render(services: Sequence[Service], settings: Settings) -> str:
    """The configuration file's text.

    Where the state folder's path holds what means something to supervisor, it is taken from supervisord's
    environment, in which TWEETSIEVE_STATE_DIR is that path.

    No program starts by itself: ``up`` starts each when what it needs is ready. Their environment
    is supervisord's own, so that no secret is written here.
    """
    sections = {
        "supervisord": _supervisord(settings),
        "unix_http_server": {"file": str(paths.socket_file(settings)), "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        **{f"program:{service.name}": _program(service, settings) for service in services},
    }
    parser = RawConfigParser()
    state = str(settings.state_dir.absolute())
    parser.read_dict({name: _escaped(options, state) for name, options in sections.items()})
    text = StringIO()
    parser.write(text)
    return text.getvalue()


def _supervisord(settings: Settings) -> dict[str, str]:
    options = {
        "logfile": str(settings.logs_dir.absolute() / "supervisord.log"),
        "logfile_maxbytes": "5MB",
        "logfile_backups": "1",
        "pidfile": str(paths.pid_file(settings)),
        "directory": str(PROJECT_ROOT),
        "childlogdir": str(settings.logs_dir.absolute()),
        "umask": "077",
    }
    return {**options, "user": "root"} if os.geteuid() == 0 else options


def _program(service: Service, settings: Settings) -> dict[str, str]:
    given = [f"{name}={value}" for name, value in service.environment.items()]
    command = ["/usr/bin/env", *given, *service.command] if given else service.command
    return {
        # Quotes between the two: the same to a shell's rules, and no comment to supervisor's.
        "command": _COMMENT.sub(r"\1''\2", shlex.join(command)),
        "directory": str(PROJECT_ROOT),
        "autostart": "false",
        # An error that only a person can fix (code 2) is not tried again.
        "autorestart": "true" if service.autostart else "unexpected",
        "exitcodes": "0,2",
        "startsecs": "1",
        # A killed Postgres does not start until its last processes have ended: long on a busy machine.
        "startretries": "20",
        "stopsignal": service.stop_signal.name.removeprefix("SIG"),
        "stopwaitsecs": str(service.stop_seconds),
        "stopasgroup": str(service.stop_whole_group).lower(),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(settings.logs_dir.absolute() / f"{service.name}.log"),
        "stdout_logfile_maxbytes": "20MB",
        "stdout_logfile_backups": "2",
    }


_COMMENT = re.compile(r"(\s)([;#])")
"""What supervisor takes for the beginning of a comment."""

_STATE = "%(ENV_TWEETSIEVE_STATE_DIR)s"


def _escaped(options: dict[str, str], state: str) -> dict[str, str]:
    escaped = {name: _value(value, state) for name, value in options.items()}
    if "stdout_logfile" in escaped:  # which supervisor fills in twice
        escaped["stdout_logfile"] = escaped["stdout_logfile"].replace("%", "%%")
    return escaped


def _value(value: str, state: str) -> str:
    rest, before = value, ""
    if value.startswith(f"{state}/") and ("%" in state or _COMMENT.search(state)):
        rest, before = value.removeprefix(state), _STATE
    if _COMMENT.search(rest) or "%(here)s" in rest or re.search(r"[\n\r]", value):
        raise StackError(
            f"supervisor's configuration can't hold {value!r}: move the checkout and the state folder "
            "to paths without ' ;', ' #', '%(here)s' and line breaks"
        )
    return before + rest.replace("%", "%%")
