"""What ``make`` is given: refused before anything is set up, the way the command refuses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from include.settings import PROJECT_ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make as a person does, also where make runs the tests.

    A set-up would be seen on standard output, or by the time it takes.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", *arguments],
        cwd=PROJECT_ROOT, env=inherited | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["backfill"], "required: DAG= (--dag), VERSIONS= (--versions)"),
        (["backfill", "DAG=nope", "VERSIONS=1"], "'nope' is none of: build_dataset, "),
        (["backfill", "DAG=collect_tweets", "VERSIONS=5-2"], "'5-2' runs backwards: give 2-5"),
        (["demo", "POSTS=0"], "POSTS= (--posts): '0' is not a whole number from 2"),
        (["demo", "POSTS="], "POSTS= (--posts): '' is not a whole number from 2"),
        (["demo", 'DUMP=it\'s $HOME; "x".jsonl'], '$HOME; "x".jsonl'),
        (["demo", "VERSION=--help"], "'--help'"),
        (["crossfit", "VERSION=3", "FOLDS=1"], "FOLDS= (--folds): '1' is not"),
        (["evaluate", "GOLDEN=README.md", "MODEL=latest"], "MODEL= (--model): 'latest' is not"),
        (["logs", "NAME="], "NAME= (--name): ''"),
        (["drill", "SHORT=perhaps"], "'perhaps' is neither yes nor no"),
        (["clean-state", "CONFIRM="], "CONFIRM= (--yes): '' is neither yes nor no"),
        (["demo", "VERISON=3"], "make demo takes SOURCE DUMP VERSION GOLDEN POSTS WORKLOAD, not VERISON"),
        (["status", "NAME=kafka"], "make status takes no variable, not NAME"),
    ],
)
def test_values_that_mean_nothing_are_refused(arguments: list[str], said: str) -> None:
    done = make(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "error: " in done.stderr
    assert (done.stdout, "Traceback" in done.stderr) == ("", False)
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make: ")]
    assert len(ours) == 1, done.stderr


def test_only_what_stands_on_the_command_line_is_given() -> None:
    """`VERSION` in the environment may be anybody's."""
    assert "required: VERSION= (--version)" in make("crossfit", VERSION="3").stderr
    assert "not FOLDZ" in make("crossfit", "FOLDZ=3").stderr
    assert make("help", VERSION="3").returncode == 0
