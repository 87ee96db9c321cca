"""The streaming classifier and its feeds in a container, under the same process manager as elsewhere.

    python -m include.deployment.stream_container

The process manager stays in the foreground; its socket lies in the shared state folder, so that the DAG
``stream_classifier``, in another container on this machine, starts, watches and drains them as it does on
the embedded stack. The classifier starts by itself and waits for a model in service.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from configparser import RawConfigParser
from io import StringIO
from typing import NoReturn

from include.infra.processes import paths, supervisor
from include.infra.processes.service import Service
from include.infra.processes.supervisor_config import render
from include.local_stack.programs import live
from include.settings import Settings, get_settings
from include.streaming.control.launcher import STREAM


def main(arguments: Sequence[str] | None = None) -> int:
    """Become the process manager; with --check, say by the exit code whether it answers."""
    parser = argparse.ArgumentParser(
        prog="python -m include.deployment.stream_container", description="The live programs."
    )
    parser.add_argument("--check", action="store_true", help="exit code 0 where the process manager answers")
    options = parser.parse_args(arguments)
    settings = get_settings()
    if not options.check:
        write(settings)
        become_manager(settings)
    return 0 if supervisor.alive(settings) else 1


def become_manager(settings: Settings) -> NoReturn:
    """Replace this process by the process manager; signals reach it directly."""
    config = str(paths.config_file(settings))
    os.execv(sys.executable, [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", config])


def write(settings: Settings) -> None:
    """Write the process manager's configuration; what a killed one left behind goes away."""
    paths.socket_file(settings).unlink(missing_ok=True)
    for folder in (settings.logs_dir, paths.run_dir(settings), paths.socket_file(settings).parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths.config_file(settings).write_text(configuration(live(settings), settings), encoding="utf-8")


def configuration(services: Sequence[Service], settings: Settings) -> str:
    """The embedded stack's configuration of these programs, with the classifier started at once."""
    parser = RawConfigParser()
    parser.read_string(render(services, settings))
    parser.set(f"program:{STREAM}", "autostart", "true")
    text = StringIO()
    parser.write(text)
    return text.getvalue()


if __name__ == "__main__":
    sys.exit(main())
