"""The checkers of files that are deployed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def complaints(program: str, *arguments: str | Path) -> str:
    """What a checker of this environment says against a file; nothing where it accepts it."""
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    found = shutil.which(program, path=folders)
    assert found, f"{program} is not installed in this environment: run 'make setup'"
    done = subprocess.run([found, *map(str, arguments)], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr
