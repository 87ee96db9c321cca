"""Ports of the embedded stack: free ones for tests, and a clear error where one is taken."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import psutil

from include.infra.errors import StackError
from include.settings import Settings


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Ports that nothing listens on at the moment, all different."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((host, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


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
