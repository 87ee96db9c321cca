"""What CI's script does where there can be no test cluster, or is one already."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from include.settings import PROJECT_ROOT

SHOW = 'echo "$KUBECONFIG|$NO_TEST_CLUSTER"; exit 7'


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Of a checkout with nothing beside it."""
    place = tmp_path / "checkout" / ".ci" / "with_cluster"
    place.parent.mkdir(parents=True)
    return Path(shutil.copy(PROJECT_ROOT / ".ci" / "with_cluster", place))


def run(script: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value for name, value in os.environ.items() if name not in ("KUBECONFIG", "NO_TEST_CLUSTER")
    }
    return subprocess.run(
        [script, "bash", "-c", SHOW], env=clean | variables, capture_output=True, text=True, timeout=30
    )


def test_without_a_test_bed_the_command_runs_and_the_tests_know_why(script: Path) -> None:
    done = run(script)
    kubeconfig, reason = done.stdout.strip().split("|")
    assert (done.returncode, kubeconfig) == (7, "")
    assert reason.endswith("shared/kube-testbed is absent")
    assert reason in done.stderr


def test_a_cluster_that_is_named_is_used(script: Path) -> None:
    done = run(script, KUBECONFIG="/mine")
    assert (done.returncode, done.stdout) == (7, "/mine|\n")
