"""Small inputs that went wrong for somebody, beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest


def lines_that_went_wrong(real_data: Path, name: str) -> list[str]:
    """The lines of one such input; the test is skipped where it is absent."""
    path = real_data / "faults" / name / "input.txt"
    if not path.is_file():
        pytest.skip(f"no such input: {path} is absent")
    return [line for line in path.read_text("utf-8").split("\n") if line]
