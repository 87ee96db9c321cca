"""What pytest opens, in which order it runs, and what it says at the end.

No module is opened for examples that it has not, and with ``--fast`` nothing slow: to collect a file is to
import it, with all that it imports.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from xdist.scheduler import Scheduling

from tests.support.running.busy import BusyTimes
from tests.support.running.distribution import ByFolder, place
from tests.support.running.duration import warning

ROOT = Path(__file__).parent
SLOW_LAYERS = [ROOT / "tests" / name for name in ("e2e", "integration", "spark")]
SLOW_MARKS = "not (stack or spark or chain or learning)"
LEARNING = ("keras", "snorkel", "tensorflow", "torch")
"""Libraries that take seconds to import; only tests with the mark ``learning`` may."""

_IMPORTS_THEM = re.compile(
    rf"^(import|from) ({'|'.join(LEARNING)})\b|^pytestmark = .*\blearning\b", re.MULTILINE
)

_busy_times = BusyTimes()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fast",
        action="store_true",
        help="only tests that start no server and load no library for machine learning",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("fast"):
        given = config.option.markexpr
        config.option.markexpr = f"{SLOW_MARKS} and ({given})" if given else SLOW_MARKS
        sys.meta_path.insert(0, Refusal())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """True for what is not opened; None leaves the question to others."""
    fast = config.getoption("fast")
    if collection_path.suffix != ".py":
        return (fast and collection_path in SLOW_LAYERS) or None
    text = collection_path.read_text(encoding="utf-8")
    nothing_to_run = not collection_path.name.startswith("test_") and ">>>" not in text
    return nothing_to_run or (fast and _IMPORTS_THEM.search(text) is not None) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: place(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    return ByFolder(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _busy_times.add(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where ``--durations`` is asked for: the processes' and files' times as well.

    Warn where the CI run, which began at CI_STARTED (seconds since 1970), takes long.
    """
    if terminalreporter.config.getoption("durations"):
        terminalreporter.section("processes and slowest files")
        for line in _busy_times.lines():
            terminalreporter.write_line(line)
    if started := os.environ.get("CI_STARTED"):
        said = warning(time.time() - float(started))
        if said:
            terminalreporter.write_line(said, yellow=True)


class Refusal:
    """Keeps the fast tests fast: an import that takes seconds fails, in the test that is to be marked."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in LEARNING:
            raise ImportError(f"a fast test imports {name}: give it the mark `learning`", name=name)
        return None
