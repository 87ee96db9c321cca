"""Imports point inward and down; see docs/decisions/0017-imports-point-inward-and-down.md."""

from __future__ import annotations

import sys
from functools import cache

import pytest

from include.settings import PROJECT_ROOT
from tests.support.architecture.import_graph import Package
from tests.support.architecture.import_rules import crowded, cycles, imports_of, needs, rooms, upward

FLOORS = (
    (
        "settings",
        "retention_settings",
        "bounds_settings",
        "curation_settings",
        "database_settings",
        "login_settings",
        "transport_settings",
        "errors",
        "console",
        "task_log",
        "quiet_tensorflow",
        "interruption",
        "text",
        "posts",
        "lexicon",
        "statistics",
    ),
    ("infra", "schema", "baselines", "tombstones"),
    ("sources", "datasets", "serving"),
    ("labelling", "model"),
    ("annotation", "promotion", "curation"),
    ("streaming", "workloads"),
    ("dashboard", "local_stack", "deployment", "backup", "housekeeping", "forgetting"),
)
"""The rooms of ``include``, the ground first. A room may import those of its own floor and of lower ones."""

ROOTS = ("dashboard", "local_stack", "deployment", "backup", "housekeeping", "forgetting")
"""They put together what the others offer; only they may know each other."""

OUTER = ("dags", "plugins", "spark_apps", "streamlit_apps", "tools", "tests")

MOST_FILES = 15


@cache
def include() -> Package:
    return Package.read(PROJECT_ROOT, "include")


def test_nothing_imports_what_imports_it() -> None:
    assert cycles(include()) == []


@pytest.mark.parametrize("outer", ["tools", "streamlit_apps", "plugins"])
def test_nothing_beside_include_imports_what_imports_it(outer: str) -> None:
    assert cycles(Package.read(PROJECT_ROOT, outer)) == []


def test_every_room_stands_on_one_floor() -> None:
    assert sorted(rooms(include())) == sorted(room for floor in FLOORS for room in floor)


def test_no_import_points_to_a_higher_floor() -> None:
    assert upward(include(), FLOORS) == []


@pytest.mark.parametrize("root", ROOTS)
def test_only_composition_roots_import_a_composition_root(root: str) -> None:
    others = tuple(f"include.{other}" for other in ROOTS)
    found = imports_of(include(), f"include.{root}")
    assert [str(one) for one in found if not one.importer.startswith(others)] == []


def test_the_library_imports_none_of_its_users() -> None:
    entries = [path.stem for folder in ("dags", "plugins") for path in (PROJECT_ROOT / folder).glob("*.py")]
    users = {*OUTER, *entries}
    found = [str(one) for one in include().external if one.imported.partition(".")[0] in users]
    assert found == []


def test_spark_applications_import_no_airflow() -> None:
    found = Package.read(PROJECT_ROOT, "spark_apps").imports
    assert [str(one) for one in found if one.imported.partition(".")[0] == "airflow"] == []


def test_the_installer_needs_the_standard_library_alone() -> None:
    """It runs before anything is installed."""
    found = needs(include(), "include.local_stack.install")
    assert {one.imported for one in found} >= {"subprocess", "hashlib"}
    assert [str(one) for one in found if one.imported.partition(".")[0] not in sys.stdlib_module_names] == []


def test_no_folder_has_too_many_files_side_by_side() -> None:
    folders = [PROJECT_ROOT / name for name in ("include", "tools", "streamlit_apps", "plugins", "tests")]
    assert crowded(folders, MOST_FILES) == []
