"""What pytest opens: no module for examples that it has not, and with ``--fast`` nothing slow.

To collect a file is to import it, with all that it imports: a layer that is to start quickly has to leave
files unopened.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent
SLOW_LAYERS = [ROOT / "tests" / name for name in ("e2e", "integration", "spark")]
SLOW_MARKS = "not (stack or spark or chain or learning)"
LEARNING = ("keras", "snorkel", "tensorflow", "torch")
"""Libraries that take seconds to import; only tests with the mark ``learning`` may."""

_IMPORTS_THEM = re.compile(
    rf"^(import|from) ({'|'.join(LEARNING)})\b|^pytestmark = .*\blearning\b", re.MULTILINE
)


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


class Refusal:
    """Keeps the fast tests fast: an import that takes seconds fails, in the test that is to be marked."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in LEARNING:
            raise ImportError(f"a fast test imports {name}: give it the mark `learning`", name=name)
        return None
