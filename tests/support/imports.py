"""What importing a module loads."""

from __future__ import annotations

import subprocess
import sys

from include.settings import PROJECT_ROOT


def loaded_by(module: str) -> set[str]:
    """Names of all modules that are loaded after ``module`` was imported in a fresh process."""
    program = f"import sys, {module}; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    return set(
        subprocess.run(command, cwd=PROJECT_ROOT, check=True, capture_output=True, text=True).stdout.split()
    )
