"""The whole embedded stack: start, stop, status."""

from __future__ import annotations

import fcntl
import math
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from include.infra.errors import StackError
from include.infra.processes import paths, supervisor
from include.infra.processes.ports import require_free
from include.infra.processes.secret_files import private_folder
from include.infra.processes.service import Service, log_tail
from include.infra.waiting import until
from include.local_stack import daemon, processes
from include.local_stack.airflow import keys
from include.local_stack.airflow import server as airflow
from include.local_stack.database.passwords import keep_given
from include.local_stack.database.preparation import prepare_databases
from include.local_stack.environment import environment
from include.local_stack.programs import FOUNDATIONS, programs
from include.local_stack.state_folder import require_usable
from include.settings import PROJECT_ROOT, Settings, get_settings
from include.streaming.control.launcher import stream_program

POLL_SECONDS = 0.25
STOP_SECONDS = 90
BROKEN = frozenset({"BACKOFF", "EXITED", "FATAL", "UNKNOWN"})

Say = Callable[[str], None]


@dataclass(frozen=True)
class ProgramStatus:
    """One program of the stack, as ``status`` shows it."""

    name: str
    state: str
    ready: bool
    ports: tuple[int, ...]
    description: str
    autostart: bool = True


def up(settings: Settings | None = None, say: Say = print, services: Sequence[Service] | None = None) -> None:
    """Start what does not run yet and wait until all of it is ready.

    Args:
        settings: whose stack; the environment's by default.
        say: receives a line per step.
        services: another selection than :func:`programs`.

    Raises:
        StackError: a taken port, a program that died or did not get ready; with what to do.
    """
    settings = settings or get_settings()
    services = programs(settings) if services is None else services
    wanted = [service for service in services if service.autostart]
    airflows = [service for service in wanted if service.name in airflow.PROGRAMS]
    others = [service for service in wanted if service not in airflows]
    require_usable(settings.state_dir)
    private_folder(settings.state_dir)
    with one_at_a_time(settings):
        keep_given(settings)
        _take_over(services, settings, say)
        _start(others, settings)
        _await_ready([service for service in wanted if service.name == "postgres"], settings, say)
        prepare_databases(settings, say)
        if airflows:
            airflow.migrate(settings, environment(settings), say)
            keys.finish(settings, environment(settings), say)
        _start(airflows, settings)
        _await_ready([service for service in wanted if service.name != "postgres"], settings, say)


def down(settings: Settings | None = None, say: Say = print) -> None:
    """Stop everything, whether or not its process manager is still alive; harmless where nothing runs.

    The streams go first, so that each can end its batch; the broker and the database go last.
    """
    settings = settings or get_settings()
    with one_at_a_time(settings):
        active = [name for name, state in supervisor.states(settings).items() if state.active]
        streams = [name for name in active if name.startswith(stream_program(""))]
        stop_programs(streams, settings, say)
        stop_programs([name for name in active if name not in (*streams, *FOUNDATIONS)], settings, say)
        stop_programs([name for name in reversed(FOUNDATIONS) if name in active], settings, say)
        daemon.end(settings)
        for process in processes.end_leftovers(settings):
            say(f"ended a process that was left over: {process}")
        say("the local stack is down; its data are kept")


def delete_state(settings: Settings, say: Say = print) -> None:
    """Stop everything and delete the state folder: posts, labels, models, logs.

    Raises:
        StackError: the folder is not one of ours, or holds this checkout or the home folder.
    """
    folder = settings.state_dir.absolute()
    if not folder.exists():
        return say(f"{folder} is not there")
    inside = [place for place in (PROJECT_ROOT, Path.home()) if place.is_relative_to(folder)]
    if inside or not (folder / "run" / "stack_id").exists():
        raise StackError(f"{folder} does not look like a state folder of the local stack: not deleted")
    down(settings, say)
    shutil.rmtree(folder)
    return say(f"deleted {folder}")


def status(settings: Settings | None = None) -> list[ProgramStatus]:
    """The state of every program; empty where the stack is down."""
    settings = settings or get_settings()
    states = supervisor.states(settings)
    return [
        _status_of(service, states[service.name])
        for service in (programs(settings) if states else [])
        if service.name in states
    ]


def _status_of(service: Service, state: supervisor.State) -> ProgramStatus:
    ready = state.name == "RUNNING" and service.ready()
    ports = tuple(service.ports.values())
    return ProgramStatus(service.name, state.name, ready, ports, state.description, service.autostart)


def _take_over(services: Sequence[Service], settings: Settings, say: Say) -> None:
    """See that a process manager with these services runs; end what a dead one left behind."""
    changed = daemon.changes(services, settings) if supervisor.alive(settings) else []
    if changed and any(state.active for state in supervisor.states(settings).values()):
        raise StackError(
            f"the local stack runs with other settings ({', '.join(changed)}): run 'make down' first"
        )
    if changed:
        daemon.end(settings)
    if supervisor.alive(settings):
        return
    for process in processes.end_leftovers(settings):
        say(f"ended a process that was left over: {process}")
    _require_free_ports(services, settings)
    daemon.launch(services, settings)


def _start(services: Sequence[Service], settings: Settings) -> None:
    states = supervisor.states(settings)
    idle = [service for service in services if states[service.name].name not in ("RUNNING", "STARTING")]
    _require_free_ports(idle, settings)
    for service in idle:
        service.prepare()
        supervisor.start(service.name, settings, wait=False)


def _require_free_ports(services: Sequence[Service], settings: Settings) -> None:
    require_free((port for service in services for port in service.ports.items()), settings.host)


def _await_ready(services: Sequence[Service], settings: Settings, say: Say) -> None:
    began = time.monotonic()
    pending = list(services)

    def all_ready() -> bool:
        for service in list(pending):
            if _is_ready(service, settings, time.monotonic() - began):
                say(f"{service.name} is ready{_address(service, settings)}")
                pending.remove(service)
        return not pending

    until(all_ready, math.inf, POLL_SECONDS)


def _is_ready(service: Service, settings: Settings, waited: float) -> bool:
    state = supervisor.state(service.name, settings)
    log = settings.logs_dir / f"{service.name}.log"
    if state.name in BROKEN:
        supervisor.stop(service.name, settings)  # not tried again: a person decides
        raise StackError(f"{service.name} died ({state.description}); {log} ends:\n{log_tail(log)}")
    if state.name == "RUNNING" and service.ready():
        return True
    if waited > service.start_seconds:
        raise StackError(
            f"{service.name} was not ready within {service.start_seconds} s; {log} ends:\n{log_tail(log)}"
        )
    return False


def start_programs(services: Sequence[Service], settings: Settings, say: Say) -> None:
    """Start programs of a running stack, and wait until they are ready.

    Raises:
        StackError: one died, or was not ready in time.
    """
    _start(services, settings)
    _await_ready(services, settings, say)


def stop_programs(names: Sequence[str], settings: Settings, say: Say) -> None:
    """Stop programs of a running stack, and wait until they are gone."""
    if not names:
        return
    say(f"stopping {', '.join(names)}")
    for name in names:
        supervisor.stop(name, settings, wait=False)
    until(
        lambda: not any(supervisor.state(name, settings).active for name in names),
        STOP_SECONDS,
        POLL_SECONDS,
    )


def _address(service: Service, settings: Settings) -> str:
    ports = ", ".join(f"{settings.host}:{port}" for port in service.ports.values())
    return f" at {ports}" if ports else ""


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """Wait until no other command changes the stack."""
    folder = paths.run_dir(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
