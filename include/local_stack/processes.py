"""Orphaned processes of a stack, found by a variable in their environment.

supervisord gets a variable with the stack's identity, and everything it starts inherits it: Airflow's
tasks, Spark's drivers, workers that lost their parent. So what is left of a stack is found, whatever
killed its process manager.
"""

from __future__ import annotations

import os
import signal
import uuid
from contextlib import suppress
from pathlib import Path

import psutil

from include.infra.processes import paths
from include.local_stack import postgres
from include.settings import Settings

MARK = "TWEETSIEVE_STACK_ID"
GRACE_SECONDS = 15


def identity(settings: Settings) -> str:
    """The stack's identity, generated at the first call and kept beside its pid file."""
    file = _identity_file(settings)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(uuid.uuid4().hex, encoding="utf-8")
    return file.read_text(encoding="utf-8")


def leftovers(settings: Settings) -> list[psutil.Process]:
    """Processes of this stack, without the caller and its ancestors."""
    if not _identity_file(settings).exists():
        return []
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    mark = identity(settings)
    found = [process for process in psutil.process_iter() if _mark_of(process) == mark]
    return [process for process in {*found, *_postmaster(settings)} if process.pid not in spared]


def end_leftovers(settings: Settings) -> list[str]:
    """Stop every process of this stack, by SIGTERM first; returns what was stopped.

    Repeats, because a dying parent may have started another child meanwhile.
    """
    ended: list[str] = []
    for _ in range(3):
        processes = leftovers(settings)
        if not processes:
            break
        ended += [_describe(process) for process in processes]
        _end(processes, _postmaster(settings))
    return ended


def _end(processes: list[psutil.Process], postmaster: list[psutil.Process]) -> None:
    for process in processes:
        _signal(process, signal.SIGINT if process in postmaster else signal.SIGTERM)
    _, stubborn = psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    for process in stubborn:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=GRACE_SECONDS)


def _postmaster(settings: Settings) -> list[psutil.Process]:
    """The database server, by its pid file: it overwrites its environment with its title."""
    process = postgres.running_process(settings)
    return [process] if process else []


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:100].strip()}"
    except psutil.Error:
        return str(process.pid)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _identity_file(settings: Settings) -> Path:
    return paths.run_dir(settings) / "stack_id"
