"""Airflow's keys and its administrator's password: others in their place.

What Airflow has encrypted in its database is encrypted again by ``airflow rotate-fernet-key``, with both keys
in its configuration, the new one first. Two keys in the file therefore say that this is still to be done.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from include.infra.errors import StackError
from include.infra.processes.secret_files import kept, write
from include.infra.processes.service import log_tail
from include.local_stack.airflow.server import (
    ADMIN,
    MAKE_KEY,
    has_schema,
    keys_file,
    new_admin_password,
    passwords_file,
)
from include.settings import Settings

FERNET = "fernet_key"


def renew(settings: Settings) -> None:
    """Write new ones down. The old key for encryption stays beside the new one until :func:`finish`."""
    old = kept(keys_file(settings), MAKE_KEY)
    new = {name: make() for name, make in MAKE_KEY.items()}
    new[FERNET] = f"{new[FERNET]},{old[FERNET]}"
    write(keys_file(settings), new)
    write(passwords_file(settings), {ADMIN: new_admin_password()})


def is_unfinished(settings: Settings) -> bool:
    """Whether something may still be encrypted with an old key."""
    return "," in kept(keys_file(settings), MAKE_KEY)[FERNET]


def finish(settings: Settings, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Have all of Airflow's database be encrypted with the new key alone; does nothing where it is.

    Args:
        environment: what Airflow's commands run in, beside the inherited variables.

    Raises:
        StackError: Airflow could not; with the end of its output. Both keys stay.
    """
    if not is_unfinished(settings) or not has_schema(settings):
        return
    say("encrypting again what Airflow keeps secret")
    log = settings.logs_dir / "airflow-rotate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        command = [sys.executable, "-m", "airflow", "rotate-fernet-key"]
        done = subprocess.run(command, env={**os.environ, **environment}, stdout=output, stderr=output)
    if done.returncode:
        raise StackError(f"'airflow rotate-fernet-key' failed; {log} ends:\n{log_tail(log)}")
    keys = kept(keys_file(settings), MAKE_KEY)
    write(keys_file(settings), keys | {FERNET: keys[FERNET].partition(",")[0]})
