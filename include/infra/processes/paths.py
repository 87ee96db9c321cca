"""Where the process manager keeps its files."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from include.settings import Settings

LONGEST_SOCKET = 90
"""A Unix socket's path has room for 103 bytes on the narrowest system; supervisor adds a suffix."""


def run_dir(settings: Settings) -> Path:
    """Files that only make sense while the stack runs."""
    return settings.state_dir.absolute() / "run"


def config_file(settings: Settings) -> Path:
    """supervisord's generated configuration."""
    return run_dir(settings) / "supervisord.conf"


def pid_file(settings: Settings) -> Path:
    """supervisord's pid."""
    return run_dir(settings) / "supervisord.pid"


def socket_file(settings: Settings) -> Path:
    """supervisord's socket: in the state folder, or in the temporary one where that path is too long."""
    near = run_dir(settings) / "supervisor.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET:
        return near
    digest = hashlib.sha256(os.fsencode(near)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"tweetsieve-{os.getuid()}-{digest}" / "supervisor.sock"
