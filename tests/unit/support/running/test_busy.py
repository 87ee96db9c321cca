from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from tests.support.running.busy import SLOWEST, BusyTimes


def report(nodeid: str, duration: float, process: str | None = None, ended: float = 0) -> pytest.TestReport:
    stop = time.time() + ended
    made = pytest.TestReport(
        nodeid, (nodeid, 0, ""), {}, "passed", None, "call", [], duration, stop - duration, stop
    )
    if process:
        made.node = SimpleNamespace(gateway=SimpleNamespace(id=process))  # type: ignore[attr-defined]
    return made


def test_times_are_counted_to_the_process_and_to_the_file() -> None:
    times = BusyTimes()
    times.add(report("tests/a.py::test_1", 20, "gw0", ended=30))
    times.add(report("tests/a.py::test_2[x::y]", 30, "gw0", ended=90))
    times.add(report("tests/b.py::test_3", 60, "gw1", ended=70))
    assert times.lines() == [
        "process gw0: 50 s of tests, the last one ended after 90 s",
        "process gw1: 60 s of tests, the last one ended after 70 s",
        "    60.0s tests/b.py",
        "    50.0s tests/a.py",
    ]


def test_one_process_alone_and_only_the_slowest_files() -> None:
    times = BusyTimes()
    for number in range(SLOWEST + 5):
        times.add(report(f"tests/{number}.py::test", number))
    first, *files = times.lines()
    assert first.startswith("process main: 105 s of tests")
    assert len(files) == SLOWEST
    assert files[0].split() == ["14.0s", "tests/14.py"]


def test_nothing_ran() -> None:
    assert BusyTimes().lines() == []
