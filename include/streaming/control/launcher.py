"""Starting and stopping programs from outside, as the DAGs do: the streams, and what runs beside them.

Nothing here holds a stream: each is a program of its own and outlives whoever started it. Where it runs is a
:class:`Launcher`'s business; the embedded stack's is its process manager.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from include.infra.processes import supervisor
from include.infra.processes.service import log_tail
from include.settings import Settings


def stream_program(workload: str) -> str:
    """The name of the program that runs a workload.

    >>> stream_program("ai_tweets")
    'stream-ai_tweets'
    """
    return f"stream-{workload}"


class Launcher(Protocol):
    """Where long-running programs run, each by its name."""

    def start(self, program: str) -> None: ...

    def stop(self, program: str) -> None: ...

    def is_active(self, program: str) -> bool: ...

    def log_file(self, program: str) -> Path: ...


class SupervisorLauncher:
    """Programs of the embedded stack's process manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def start(self, program: str) -> None:
        supervisor.start(program, self._settings)

    def stop(self, program: str) -> None:
        supervisor.stop(program, self._settings)

    def is_active(self, program: str) -> bool:
        return supervisor.state(program, self._settings).active

    def log_file(self, program: str) -> Path:
        return self._settings.logs_dir / f"{program}.log"


def launcher(settings: Settings) -> Launcher:
    """The launcher of these settings."""
    return SupervisorLauncher(settings)


def ensure(settings: Settings, workload: str) -> str:
    """Start the workload's stream where it does not run.

    Returns:
        'started' or 'already running'.

    Raises:
        StackError: the local stack is down.
    """
    programs = launcher(settings)
    if programs.is_active(stream_program(workload)):
        return "already running"
    programs.start(stream_program(workload))
    return "started"


def drain(settings: Settings, workload: str) -> None:
    """Let the workload's stream end its batch and stop; returns when it is gone.

    Harmless where it does not run.
    """
    launcher(settings).stop(stream_program(workload))


def log_excerpt(programs: Launcher, workload: str) -> str:
    """Where the log of a workload's stream is, and how it ends."""
    log = programs.log_file(stream_program(workload))
    return f"its log {log} ends:\n{log_tail(log)}"
