"""TensorFlow's notices while it is loaded, and what must pass all the same."""

from __future__ import annotations

import subprocess
import sys

from include.settings import PROJECT_ROOT

FILTERED = """
import os, sys
from include.quiet_tensorflow import NOTICES, filtered_stderr
with filtered_stderr(NOTICES):
    os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n")
    os.write(2, b"I0000 00:00:1.1 7 port.cc:153] oneDNN custom operations are on.\\n")
    os.write(2, b"F0000 this processor has no AVX\\n")
    print("a warning", file=sys.stderr)
    {end}
print("after", file=sys.stderr)
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120
    )


def test_notices_go_and_all_else_stays() -> None:
    assert run(FILTERED.format(end="")).stderr == "F0000 this processor has no AVX\na warning\nafter\n"


def test_what_is_said_before_an_abort_is_not_lost() -> None:
    done = run(FILTERED.format(end="sys.stderr.flush(); os.abort()"))
    assert done.returncode < 0
    assert "F0000 this processor has no AVX\na warning\n" in done.stderr


def test_a_process_that_outlives_the_import_holds_nothing_up() -> None:
    program = FILTERED.format(end="import subprocess; subprocess.Popen(['sleep', '0.4'])")
    done = run(program.replace("(NOTICES)", "(NOTICES, patience=0.1)"))
    assert done.stderr == "F0000 this processor has no AVX\na warning\nafter\n"


def test_a_module_that_is_missing_is_missing_as_ever() -> None:
    program = "import include, importlib.util as u; assert u.find_spec('tensorflow_of_nobody') is None"
    assert run(program).returncode == 0
