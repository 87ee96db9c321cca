"""The layers of the tests: what `pytest --fast` opens, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from include.settings import PROJECT_ROOT


def fast(folder: Path, module: str) -> str:
    """What the fast layer prints of a test module in a folder."""
    (folder / "test_one.py").write_text(module)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--fast", "-p", "conftest", "-p", "no:cacheprovider", "."],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout


def test_a_fast_test_that_imports_a_learning_library_fails_and_is_told_the_mark(tmp_path: Path) -> None:
    printed = fast(tmp_path, "def test_that_learns():\n    import torch\n")
    assert "1 failed" in printed
    assert "a fast test imports torch: give it the mark `learning`" in printed


def test_a_module_with_the_mark_is_not_even_opened(tmp_path: Path) -> None:
    module = "import pytest\npytestmark = pytest.mark.learning\nraise AssertionError('opened')\n"
    assert "no tests ran" in fast(tmp_path, module)
