"""The streams and what runs beside them in a container, under the same process manager as elsewhere.

    python -m include.deployment.stream_container

The process manager stays in the foreground; its socket lies in the shared state folder, so that the DAG
``stream_classifier``, in another container on this machine, starts, watches and drains the programs as it
does on the embedded stack. The stream that TWEETSIEVE_STREAM_WORKLOAD names starts by itself, with the
services it scores with, and waits for a model in service.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from configparser import RawConfigParser
from io import StringIO
from typing import NoReturn

from include.console.arguments import CommandParser
from include.console.command import command
from include.infra.processes import paths, supervisor
from include.infra.processes.service import Service
from include.infra.processes.supervisor_config import render
from include.local_stack.streams import stream_services
from include.settings import Settings, get_settings
from include.streaming.control.launcher import stream_program
from include.streaming.control.producers import embedded_services
from include.streaming.registry import workload_named


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Become the process manager, or with --check tell by the exit code whether it answers."""
    parser = CommandParser("include.deployment.stream_container", "The programs of the streams.")
    parser.add_argument("--check", action="store_true", help="exit code 0 where the process manager answers")
    options = parser.parse_args(arguments)
    settings = get_settings()
    if options.check:
        return 0 if supervisor.alive(settings) else 1
    write(settings)
    return become_manager(settings)


def become_manager(settings: Settings) -> NoReturn:
    """Replace this process by the process manager; signals reach it directly."""
    config = str(paths.config_file(settings))
    os.environ["TWEETSIEVE_STATE_DIR"] = str(settings.state_dir.absolute())  # the configuration may name it
    os.execv(sys.executable, [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", config])


def write(settings: Settings) -> None:
    """Write the process manager's configuration; what a killed one left behind goes away.

    Raises:
        UserError: a workload can't be loaded, or there is none of the configured name.
    """
    services, started = stream_services(settings), started_programs(settings)
    paths.socket_file(settings).unlink(missing_ok=True)
    for folder in (settings.logs_dir, paths.run_dir(settings), paths.socket_file(settings).parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths.config_file(settings).write_text(configuration(services, started, settings), encoding="utf-8")


def started_programs(settings: Settings) -> list[str]:
    """The programs that start with the container: the configured workload's services and stream.

    Raises:
        UserError: there is no such workload.
    """
    workload = workload_named(settings.stream_workload, settings)
    services = embedded_services(settings, workload)
    return [*(service.name for service in services), stream_program(workload.name)]


def configuration(services: Sequence[Service], started: Collection[str], settings: Settings) -> str:
    """The embedded stack's configuration of these programs, where those of ``started`` start at once."""
    parser = RawConfigParser()
    parser.read_string(render(services, settings))
    for name in started:
        parser.set(f"program:{name}", "autostart", "true")
    text = StringIO()
    parser.write(text)
    return text.getvalue()


if __name__ == "__main__":
    sys.exit(main())
