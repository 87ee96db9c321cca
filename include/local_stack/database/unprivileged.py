"""Running PostgreSQL, which refuses root, where everything else runs as root.

Two ways, the better one first; an ordinary user needs neither:

1. A user namespace in which root has another number. Outside of it the process is still root, so
   its files stay ours and a checkout below /root is no obstacle.
2. Where namespaces are forbidden (many containers): the user ``nobody``, who owns the data folder
   and keeps one capability, reading through folders as root does, for the same reason.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from include.infra.errors import StackError

NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
DROPPED_USER = "nobody"


def unprivileged(command: list[str], data: Path) -> list[str]:
    """The command, wrapped so that it does not run as root; ``data`` belongs to the user who runs it.

    Raises:
        StackError: this is root and neither way works here.
    """
    if os.geteuid() != 0:
        return command
    way = _way()
    _give(data, pwd.getpwnam(DROPPED_USER) if way[0] == "setpriv" else pwd.getpwuid(0))
    return [*way, *command]


@lru_cache(maxsize=1)
def _way() -> tuple[str, ...]:
    for way in (NAMESPACE, _dropped()):
        if shutil.which(way[0]) and _runs_as_somebody(way):
            return way
    raise StackError(
        "PostgreSQL does not run as root, and this machine allows neither user namespaces nor dropping to "
        f"user {DROPPED_USER!r} (both need util-linux): run as an ordinary user instead"
    )


def _dropped() -> tuple[str, ...]:
    user = pwd.getpwnam(DROPPED_USER)
    return (
        "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
        "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--",
    )  # fmt: skip


def _runs_as_somebody(way: tuple[str, ...]) -> bool:
    done = subprocess.run([*way, "id", "-u"], capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.strip() not in ("", "0")


def _give(folder: Path, user: pwd.struct_passwd) -> None:
    if not folder.exists() or folder.stat().st_uid == user.pw_uid:
        return
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
