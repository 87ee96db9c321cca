"""A database cluster as the releases before generated passwords made it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from include.local_stack import postgres
from include.local_stack.database.binaries import binary
from include.local_stack.database.unprivileged import unprivileged
from include.settings import Settings

PUBLISHED = "tweetsieve"
"""Name and password of the role that owned everything, in those releases' source."""


def make_cluster(settings: Settings) -> Path:
    """The data folder of a new cluster with the published password."""
    folder = postgres.data_dir(settings)
    folder.mkdir(parents=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", dir=folder.parent) as password:
        password.write(PUBLISHED)
        password.flush()
        arguments = [
            binary("initdb"), "-D", str(folder), "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync",
            f"--username={PUBLISHED}", f"--pwfile={password.name}",
            "--auth-host=scram-sha-256", "--auth-local=scram-sha-256",
        ]  # fmt: skip
        subprocess.run(unprivileged(arguments, folder), check=True, capture_output=True)
    return folder
