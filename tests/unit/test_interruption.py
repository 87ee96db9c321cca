"""Ctrl-C while a program is being loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from include.settings import PROJECT_ROOT

DURING_IMPORT = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(10)\n"


def load(*program: str, instead: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program whose import of pydantic is something else."""
    (folder / "pydantic.py").write_text(instead)
    return subprocess.run(
        [sys.executable, *program], cwd=PROJECT_ROOT, env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("module", ["include.streaming.monitor", "include.sources.feed"])
def test_an_interrupted_program_says_nothing(module: str, tmp_path: Path) -> None:
    done = load("-m", module, "--help", instead=DURING_IMPORT, folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_a_defect_still_has_its_stack_trace(tmp_path: Path) -> None:
    done = load("-m", "include.streaming.monitor", instead="1 / 0", folder=tmp_path)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_who_only_uses_the_library_keeps_their_own_hook(tmp_path: Path) -> None:
    done = load("-c", "import include.settings", instead=DURING_IMPORT, folder=tmp_path)
    assert "KeyboardInterrupt" in done.stderr
