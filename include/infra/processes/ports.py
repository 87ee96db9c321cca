"""Ports of the embedded stack: free ones for tests, and a clear error where one is taken."""

from __future__ import annotations

import fcntl
import functools
import itertools
import os
import random
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path

import psutil

from include.infra.errors import StackError
from include.settings import Settings

PORTS = range(20_000, 30_000)
"""What is chosen from: below the kernel's choice for outgoing connections, so that a server which is down for
a while finds its port still free, and below those that Kubernetes gives to Services."""

_ours: set[int] = set()


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Ports that nothing listens on, for this process alone until it ends; all different.

    A server often starts minutes after its port was chosen. Until then a lock, one byte for each port in a
    file that all processes of the user share, keeps the port from another process that asks for one.

    Raises:
        StackError: there are not so many.
    """
    shuffled = random.sample(PORTS, len(PORTS))
    free = (port for port in shuffled if is_free(host, port) and _claimed(port))
    found = list(itertools.islice(free, count))
    if len(found) < count:
        raise StackError(f"no {count} free ports between {PORTS.start} and {PORTS.stop} on {host}")
    return found


def _claimed(port: int) -> bool:
    """Whether no process, this one included, had been given the port before; now this one has."""
    if port in _ours:
        return False
    try:
        fcntl.lockf(_lock_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _ours.add(port)
    return True


@functools.cache
def _lock_file() -> int:
    """The shared file, never closed: closing it would give the locks up."""
    path = Path(tempfile.gettempdir(), f"tweetsieve-ports-{os.getuid()}.lock")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def free_port_settings() -> dict[str, int]:
    """A free port for every setting that names one, for a stack beside the one of the defaults."""
    names = [name for name in Settings.model_fields if name.endswith("_port")]
    return dict(zip(names, free_ports(len(names)), strict=True))


def require_free(ports: Iterable[tuple[str, int]], host: str) -> None:
    """Stop before anything is started where a port is taken.

    Args:
        ports: names of settings with their ports.
        host: the address to be bound.

    Raises:
        StackError: naming every taken port, who holds it and the setting that moves ours.
    """
    taken = [_complaint(setting, port) for setting, port in ports if not is_free(host, port)]
    if taken:
        raise StackError("\n".join(taken))


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do: TIME_WAIT is free
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _complaint(setting: str, port: int) -> str:
    variable = f"TWEETSIEVE_{setting.upper()}"
    return f"port {port} is taken{_holder(port)}: stop that, or choose another port with {variable}=<port>"


def _holder(port: int) -> str:
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            return f" by {_name(connection.pid)} (pid {connection.pid})"
    return ""


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "a program"
