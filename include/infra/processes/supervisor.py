"""The process manager's client: start and stop a program by its name, and get its state."""

from __future__ import annotations

import http.client
import socket
import xmlrpc.client
from dataclasses import dataclass
from typing import Any

from include.infra.errors import StackError
from include.infra.processes import paths
from include.settings import Settings, get_settings

ALREADY_STARTED, NOT_RUNNING, BAD_NAME = 60, 70, 10
"""Fault codes of supervisor's XML-RPC interface (supervisor.xmlrpc.Faults)."""

ACTIVE = frozenset({"STARTING", "RUNNING", "BACKOFF", "STOPPING"})


@dataclass(frozen=True)
class State:
    """A program's state in supervisor.

    Attributes:
        name: one of STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL, UNKNOWN.
        pid: its process, 0 where there is none.
        description: in supervisor's words (uptime, exit code, spawn error).
    """

    name: str
    pid: int = 0
    description: str = ""

    @property
    def active(self) -> bool:
        """Whether there is a process, or one is starting or ending."""
        return self.name in ACTIVE


def start(program: str, settings: Settings | None = None, *, wait: bool = True) -> None:
    """Start a program, and wait until it has stayed up for a second; harmless where it runs already.

    Raises:
        StackError: the stack is down, there is no such program, or it could not be started.
    """
    _call("startProcess", program, settings, wait, harmless=ALREADY_STARTED)


def stop(program: str, settings: Settings | None = None, *, wait: bool = True) -> None:
    """Stop a program by its stop signal, and wait until it is gone; harmless where it doesn't run.

    Raises:
        StackError: the stack is down, or there is no such program.
    """
    _call("stopProcess", program, settings, wait, harmless=NOT_RUNNING)


def state(program: str, settings: Settings | None = None) -> State:
    """The state of a program.

    Raises:
        StackError: the stack is down, or there is no such program.
    """
    return _state(_call("getProcessInfo", program, settings))


def states(settings: Settings) -> dict[str, State]:
    """The state of every program by name; empty where the stack is down."""
    if not alive(settings):
        return {}
    return {info["name"]: _state(info) for info in _proxy(settings).supervisor.getAllProcessInfo()}


def alive(settings: Settings) -> bool:
    """Whether supervisord answers."""
    try:
        _proxy(settings).supervisor.getState()
    except (OSError, http.client.HTTPException, xmlrpc.client.Error):
        return False
    return True


def shut_down(settings: Settings) -> None:
    """Ask supervisord to stop every program and itself; returns at once."""
    _proxy(settings).supervisor.shutdown()


def _state(info: dict[str, Any]) -> State:
    return State(info["statename"], info["pid"], info["description"] or info["spawnerr"])


def _call(method: str, program: str, settings: Settings | None, *arguments: Any, harmless: int = 0) -> Any:
    settings = settings or get_settings()
    try:
        return getattr(_proxy(settings).supervisor, method)(program, *arguments)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode == harmless:
            return None
        raise StackError(_explain(fault, program, settings)) from fault
    except (OSError, http.client.HTTPException) as problem:
        raise StackError(
            f"the local stack is not running (no process manager at {paths.socket_file(settings)}): "
            "start it with 'make up'"
        ) from problem


def _explain(fault: xmlrpc.client.Fault, program: str, settings: Settings) -> str:
    if fault.faultCode == BAD_NAME:
        return f"the local stack has no program {program!r}"
    return f"{program}: {fault.faultString}; see {settings.logs_dir / program}.log"


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self._path)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


def _proxy(settings: Settings) -> Any:
    return xmlrpc.client.ServerProxy(
        "http://localhost/RPC2", transport=_UnixTransport(str(paths.socket_file(settings)))
    )
