"""What a task logs, and that nothing it runs prints."""

from __future__ import annotations

import ast
import logging
from pathlib import Path

import pytest

from include.settings import PROJECT_ROOT
from include.task_log import Pace, counted, log_details, log_failure, log_result

PROGRAMS = {"console", "deployment", "local_stack"}
"""Rooms of ``include`` that talk to a terminal and that no task loads."""


def test_a_result_is_a_record_per_line_and_details_are_folded(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        log_details("Table", "a 1\nb 2")
        log_result("two rows\n- a")
        log_failure("no rows\n- line 3")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "::group::Table"),
        ("INFO", "a 1"),
        ("INFO", "b 2"),
        ("INFO", "::endgroup::"),
        ("INFO", "Result: two rows"),
        ("INFO", "- a"),
        ("ERROR", "no rows"),
        ("ERROR", "- line 3"),
    ]


def test_text_of_posts_is_no_format(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        log_result("100 % of %s\n%d")
    assert [record.getMessage() for record in caplog.records] == ["Result: 100 % of %s", "%d"]


def test_what_is_looked_at_each_second_is_told_four_times_a_minute() -> None:
    clock = iter(range(1000))
    pace = Pace(seconds=15, clock=lambda: next(clock))
    assert sum(pace.due("canary") for _ in range(60)) == 4
    assert pace.due("serving")


def test_counts() -> None:
    assert counted({"rows_in": 3000, "scaled": True, "rows": {"dev": 54}, "none": {}}) == (
        "rows in 3,000, scaled True, rows (dev 54), none ()"
    )


def tasks_modules() -> list[Path]:
    """What a task may load: the library without its programs, and the plugins."""
    library = [
        path
        for path in (PROJECT_ROOT / "include").rglob("*.py")
        if path.relative_to(PROJECT_ROOT / "include").parts[0] not in PROGRAMS and path.name != "__main__.py"
    ]
    return [*library, *(PROJECT_ROOT / "plugins").glob("*.py"), *(PROJECT_ROOT / "dags").glob("*.py")]


@pytest.mark.parametrize("path", tasks_modules(), ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_nothing_that_a_task_loads_prints(path: Path) -> None:
    """Printed text is folded away in a task's log; a module that is a program as well prints in its main."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spared = {"main", "_refuse", "run_application"}  # the end of a program, and of a Spark application
    allowed = {
        id(node)
        for top in tree.body
        if isinstance(top, ast.FunctionDef) and top.name in spared
        for node in ast.walk(top)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and id(node) not in allowed:
            assert node.func.id not in ("print", "show", "complain"), f"{path}:{node.lineno}: log it"
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout.write", "sys.stderr.write"):
            pytest.fail(f"{path}:{node.lineno}: log it")
