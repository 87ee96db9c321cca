"""supervisord: started with the stack's configuration, and recognised when it runs with another one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from include.infra.errors import StackError
from include.infra.processes import paths, supervisor
from include.infra.processes.service import Service, log_tail
from include.infra.processes.supervisor_config import render
from include.infra.waiting import until
from include.local_stack import processes
from include.local_stack.environment import SECRET, programs_environment
from include.settings import Settings

START_SECONDS = 20
STOP_SECONDS = 90


def launch(services: Sequence[Service], settings: Settings) -> None:
    """Start supervisord in the background; it starts none of the services by itself.

    Raises:
        StackError: it did not come up; with the end of its log.
    """
    _forget_stale_files(settings)
    _write_private(paths.config_file(settings), render(services, settings))
    variables = programs_environment(settings)
    _write_private(_memory(settings), json.dumps(_hashes(services, settings, variables)))
    settings.logs_dir.mkdir(parents=True, exist_ok=True)
    hidden = SECRET if settings.database_roles else ()
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(paths.config_file(settings))],
        env=inherited | variables | {processes.MARK: processes.identity(settings)},
        capture_output=True,
        text=True,
    )
    until(lambda: supervisor.alive(settings), START_SECONDS)
    if not supervisor.alive(settings):
        log = settings.logs_dir / "supervisord.log"
        raise StackError(
            f"supervisord did not start: {done.stdout}{done.stderr}\n{log} ends:\n{log_tail(log)}"
        )


def changes(services: Sequence[Service], settings: Settings) -> list[str]:
    """What differs from the settings that the running stack was started with: names, no values."""
    with suppress(FileNotFoundError):
        before = json.loads(_memory(settings).read_text(encoding="utf-8"))
        now = _hashes(services, settings, programs_environment(settings))
        changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        # The settings explain the other differences, which only follow from them.
        return [name for name in changed if name.startswith("TWEETSIEVE_")] or changed
    return []


def end(settings: Settings) -> None:
    """Have supervisord stop what still runs, and itself; it is killed where it does not."""
    pid = _pid(settings)
    with suppress(OSError):
        supervisor.shut_down(settings)
    until(lambda: not supervisor.alive(settings) and not _runs(pid), STOP_SECONDS)
    if _runs(pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _forget_stale_files(settings)


def _forget_stale_files(settings: Settings) -> None:
    socket = paths.socket_file(settings)
    socket.unlink(missing_ok=True)
    paths.pid_file(settings).unlink(missing_ok=True)
    _make_private_folder(paths.run_dir(settings))
    if socket.parent != paths.run_dir(settings):
        _make_private_folder(socket.parent)


def _make_private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise StackError(f"{folder} belongs to somebody else: remove it")


def _write_private(path: Path, text: str) -> None:
    descriptor, scratch = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    shutil.move(scratch, path)


def _hashes(services: Sequence[Service], settings: Settings, variables: Mapping[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in variables.items() if name.startswith(("TWEETSIEVE_", "AIRFLOW_"))}
    parts = {**ours, "the programs' configuration": render(services, settings)}
    return {name: hashlib.sha256(value.encode()).hexdigest() for name, value in parts.items()}


def _memory(settings: Settings) -> Path:
    return paths.run_dir(settings) / "started_with.json"


def _pid(settings: Settings) -> int:
    with suppress(FileNotFoundError, ValueError):
        return int(paths.pid_file(settings).read_text(encoding="utf-8"))
    return 0


def _runs(pid: int) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
