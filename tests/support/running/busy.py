"""How busy each test process was, and which files took longest: what to look at when CI gets slow.

xdist hands out whole files, so that the durations of single tests don't show what keeps a process busy.
"""

from __future__ import annotations

import time
from collections import defaultdict

import pytest

SLOWEST = 10
"""How many files are named."""


class BusyTimes:
    """Adds up the reports of set-ups, calls and tear-downs, in the process that receives all of them."""

    def __init__(self) -> None:
        self._began = time.time()
        self._busy: defaultdict[str, float] = defaultdict(float)
        self._last: defaultdict[str, float] = defaultdict(float)
        self._files: defaultdict[str, float] = defaultdict(float)

    def add(self, report: pytest.TestReport) -> None:
        """Count one phase of a test to the process that ran it and to the test's file."""
        gateway = getattr(getattr(report, "node", None), "gateway", None)
        process = gateway.id if gateway else "main"
        self._busy[process] += report.duration
        self._last[process] = max(self._last[process], report.stop - self._began)
        self._files[report.nodeid.partition("::")[0]] += report.duration

    def lines(self) -> list[str]:
        """A line for each process, then one for each of the slowest files; times in seconds."""
        processes = [
            f"process {name}: {busy:.0f} s of tests, the last one ended after {self._last[name]:.0f} s"
            for name, busy in sorted(self._busy.items())
        ]
        slowest = sorted(self._files.items(), key=lambda item: -item[1])[:SLOWEST]
        return [*processes, *(f"{seconds:8.1f}s {file}" for file, seconds in slowest)]
