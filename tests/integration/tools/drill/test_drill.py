"""The fault drill in its short form: ``make drill SHORT=1``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.settings import PROJECT_ROOT
from tools.drill.faults.choice import SHORT

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(3600)]


def test_after_every_fault_each_position_is_in_one_place_and_errors_are_told_in_seconds(
    tmp_path: Path,
) -> None:
    file = tmp_path / "drill.json"
    done = subprocess.run(
        [sys.executable, "-m", "tools.drill", "--short", "--json", str(file)],
        cwd=PROJECT_ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=3000,
    )  # fmt: skip
    assert file.exists(), done.stdout[-6000:]
    report = json.loads(file.read_text())
    wrong = [fault for fault in report["faults"] if not fault["right"]]
    assert not wrong, f"{wrong}\n{done.stdout[-4000:]}"
    assert done.returncode == 0, f"{report['alerts']} {report['account']}"
    assert [fault["fault"] for fault in report["faults"]] == list(SHORT)
    last = report["account"]
    assert last["positions"] == last["sent"] == last["scored"] + last["dead_letters"]
    assert (last["missing"], last["doubled"], last["wrongly_dead"], last["wrong_links"]) == (0, 0, 0, 0)
    assert last["sent"] > len(SHORT) * 10_000
    assert last["dead_letters"] > 0.01 * last["sent"] * 0.9
    assert report["alerts"]["max_seconds"] < 300
    assert report["alerts"]["told_more_than_once"] == 0


def test_a_second_workload_is_a_folder_to_the_drill_as_well(tmp_path: Path) -> None:
    """Its messages, its table, its checks and its source's errors; the model server has no part in it."""
    file = tmp_path / "drill.json"
    folder = PROJECT_ROOT / "tests" / "support" / "workloads"
    command = [sys.executable, "-m", "tools.drill", "--workload", "numbers", "--json", str(file)]
    command += ["--faults", "driver killed", "--messages", "3000", "--errors", "2"]
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env={**os.environ, "TWEETSIEVE_WORKLOADS_PATH": str(folder)},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    report = json.loads(file.read_text())
    last = report["account"]
    assert last["positions"] == last["sent"] == last["scored"] + last["dead_letters"] > 5_000
    assert (last["wrong_sums"], last["wrong_total"]) == (0, 0)
    assert report["alerts"]["told_more_than_once"] == 0
