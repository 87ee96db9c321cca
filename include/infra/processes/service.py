"""A server of the embedded stack: how to run it, and how to find out whether it is ready."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from include.infra.errors import StackError
from include.infra.waiting import until


@dataclass(frozen=True)
class Service:
    """One long-running program.

    Attributes:
        name: what the process manager and the log file call it.
        command: argument vector; never goes through a shell.
        environment: what is set beside the inherited environment.
        ready: whether it serves; quick, raises nothing.
        ports: by the setting's name, each on the loopback address.
        stop_signal: the signal that asks it to stop.
        stop_whole_group: whether the signal goes to its process group as well.
        start_seconds: how long it may take until it is ready.
        stop_seconds: how long it may take to stop before it is killed.
        autostart: whether ``up`` starts it.
        prepare: what must be done before its first start.
    """

    name: str
    command: list[str]
    ready: Callable[[], bool]
    environment: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_whole_group: bool = True
    start_seconds: int = 300
    stop_seconds: int = 20
    autostart: bool = True
    prepare: Callable[[], None] = lambda: None


def listens(host: str, port: int) -> bool:
    """Whether something accepts connections there.

    >>> listens("127.0.0.1", 1)
    False
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def log_tail(path: Path, lines: int = 25) -> str:
    """The last lines of a log, or a note that it is missing."""
    if not path.exists():
        return f"(no log at {path})"
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 65536))
        return "\n".join(handle.read().decode("utf-8", "replace").splitlines()[-lines:])


@contextmanager
def running(service: Service, logs_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a service as a child of this process, ready when entered and gone when left.

    For tests and one-off use; ``up`` hands services to the process manager instead.

    Raises:
        StackError: it died or was not ready in time; with the tail of its log.
    """
    service.prepare()
    logs_dir.mkdir(parents=True, exist_ok=True)
    log = logs_dir / f"{service.name}.log"
    with log.open("ab") as output:
        child = subprocess.Popen(
            service.command,
            env=os.environ | service.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _await_ready(service, child, log)
        yield child
    finally:
        _stop(service, child)


def _await_ready(service: Service, child: subprocess.Popen[bytes], log: Path) -> None:
    until(lambda: service.ready() or child.poll() is not None, service.start_seconds)
    if child.poll() is not None:
        what = f"{service.name} ended with code {child.returncode}"
    elif not service.ready():
        what = f"{service.name} was not ready within {service.start_seconds} s"
    else:
        return
    raise StackError(f"{what}; {log} ends:\n{log_tail(log)}")


def _stop(service: Service, child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.send_signal(service.stop_signal)
        try:
            child.wait(service.stop_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
