"""No value that a person gives to make is read by a shell, or expanded by make."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from include.console.args import main as run_args
from include.console.args import words
from include.errors import UserError
from include.settings import PROJECT_ROOT

MAKEFILE = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z][a-z-]*):(?!=)", MAKEFILE, re.MULTILINE)
TAKES = {target: names.split() for target, names in re.findall(r"^TAKES_(\S+) := (.*)$", MAKEFILE, re.M)}
HOSTILE = (
    "; touch PWNED;",
    "'; touch PWNED; '",
    '"; touch PWNED; "',
    "`touch PWNED`",
    "$(touch PWNED)",
    "$(shell touch PWNED)",
    "$$(touch PWNED)",
    "a\n\ttouch PWNED\n",
    "x & touch PWNED | cat > PWNED",
)

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

STUB = """#!{python} -IS
import json, os, sys
if sys.argv[1:3] == ["-m", "include.console.args"]:
    sys.path.insert(0, {root!r})
    from include.console.args import main
    os.execv = lambda path, command: print(json.dumps(command[1:]))
    sys.exit(main(sys.argv[3:]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the Makefile, in which every program that it starts does nothing."""
    shutil.copy(PROJECT_ROOT / "Makefile", tmp_path)
    stub = tmp_path / ".venv" / "bin" / "python"
    stub.parent.mkdir(parents=True)
    stub.write_text(STUB.format(python=sys.executable, root=str(PROJECT_ROOT)))
    stub.chmod(0o755)
    return tmp_path


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=60
    )


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


def test_all_targets_are_tried() -> None:
    assert {"bench", "test", "clean-state", "help"} <= set(TARGETS)
    assert set(TAKES) <= set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_a_hostile_value_creates_no_file(folder: Path, target: str) -> None:
    before = files(folder)
    for value in HOSTILE:
        for names in [*([name] for name in TAKES.get(target, [])), ["JAVA_HOME", "TWEETSIEVE_HOST"]]:
            make(folder, "PYTHON=.venv/bin/python", target, *(f"{name}={value}" for name in names))
            assert files(folder) == before, (names, value)
        make(folder, target, f"PYTHON={value}")
        make(folder, target, PYTHON=value)
        assert files(folder) == before, ("PYTHON", value)


@pytest.mark.parametrize(
    "name", ["MAKE", "SHELL", "MAKEFILE_LIST", "VENV", "STACK", "WITH_ARGS", "GIVEN", "TAKES_up", "MAKELEVEL"]
)
@pytest.mark.parametrize("value", ["; touch PWNED;", "touch PWNED;", "$(shell touch PWNED)"])
def test_the_makefiles_own_names_are_refused(folder: Path, name: str, value: str) -> None:
    before = files(folder)
    for target in ("help", "up", "test-fast"):
        done = make(folder, "PYTHON=.venv/bin/python", target, f"{name}={value}")
        assert done.returncode == 2
        assert f"error: make {target} takes " in done.stderr
        assert done.stdout == ""
    assert files(folder) == before


@pytest.mark.parametrize(
    ("given", "split"),
    [
        ('-k "a or b"', ["-k", "a or b"]),
        ("-m learning", ["-m", "learning"]),
        ("-n 0 -x tests/integration/serving", ["-n", "0", "-x", "tests/integration/serving"]),
        ("'tests/a.py::test_b[x y]' -q", ["tests/a.py::test_b[x y]", "-q"]),
        ("$HOME ~ * `id` $(id)", ["$HOME", "~", "*", "`id`", "$(id)"]),
        ("", []),
    ],
)
def test_args_reach_the_program_as_words(folder: Path, given: str, split: list[str]) -> None:
    for target, ours in (("test", ["pytest", "-n", "2"]), ("test-fast", ["pytest", "--fast"])):
        done = make(folder, "PYTHON=.venv/bin/python", target, f"ARGS={given}")
        assert done.returncode == 0, done.stderr
        (_, *command) = json.loads(done.stdout)
        assert command[: len(ours)] == ours
        assert command[len(command) - len(split) :] == split


@pytest.mark.parametrize("target", ["bench", "test", "test-fast"])
@pytest.mark.parametrize("given", ["-k 'a or", '-k "a', "ends in \\", "'; touch x"])
def test_an_unbalanced_quote_is_one_line(folder: Path, target: str, given: str) -> None:
    done = make(folder, "PYTHON=.venv/bin/python", target, f"ARGS={given}")
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make: ")]
    assert (done.returncode, done.stdout, len(ours)) == (2, "", 1)
    assert ours[0].startswith("error: ARGS: no ")


def test_words_name_what_is_wrong() -> None:
    with pytest.raises(UserError, match="ARGS: no escaped character: a"):
        words("a \\")


def test_check_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGS", "--version")
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("started"))
    assert run_args(["--check", "pytest"]) == 0
