"""The rules about imports, on a made-up house with one wrong import at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.architecture.import_graph import Package
from tests.support.architecture.import_rules import crowded, cycles, imports_of, needs, rooms, upward

FLOORS = (("settings",), ("kitchen",), ("office", "street"))

SOUND = {
    "__init__.py": "",
    "settings.py": "import os\n",
    "kitchen/__init__.py": "",
    "kitchen/recipe.py": "from house.kitchen.tools import knife\nfrom house import settings\n",
    "kitchen/tools/__init__.py": "",
    "kitchen/tools/knife.py": "from . import steel\n",
    "kitchen/tools/steel.py": "import numpy\n",
    "office/__init__.py": "",
    "office/__main__.py": "def main():\n    from house.kitchen import recipe\n",
    "street/__init__.py": "from house.settings import anything\n",
}


def house(folder: Path, wrong: dict[str, str] | None = None) -> Package:
    """The sound house, with wrong lines at the end of some files."""
    wrong = wrong or {}
    assert wrong.keys() <= SOUND.keys()
    for name, text in SOUND.items():
        path = folder / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}{wrong.get(name, '')}\n")
    return Package.read(folder, "house")


def test_a_sound_house_breaks_no_rule(tmp_path: Path) -> None:
    package = house(tmp_path)
    assert cycles(package) == []
    assert upward(package, FLOORS) == []
    assert imports_of(package, "house.office") == []
    assert rooms(package) == {"settings", "kitchen", "office", "street"}


def test_a_circle_of_rooms_is_found_with_both_imports(tmp_path: Path) -> None:
    (found,) = cycles(house(tmp_path, {"settings.py": "from house.kitchen import recipe"}))
    assert found.startswith("house: ")
    assert "house/settings.py:2 imports house.kitchen.recipe" in found
    assert "house/kitchen/recipe.py:2 imports house.settings" in found


@pytest.mark.parametrize(
    "line",
    [
        "from house.kitchen import recipe",
        "import house.kitchen.recipe",
        "from .. import recipe",
        "def later():\n    from house.kitchen.recipe import soup",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.kitchen.recipe import Soup",
    ],
)
def test_a_circle_inside_a_package_is_found_however_it_is_written(tmp_path: Path, line: str) -> None:
    (found,) = cycles(house(tmp_path, {"kitchen/tools/steel.py": line}))
    assert found.startswith("house.kitchen: ")
    assert "house/kitchen/tools/steel.py:" in found
    assert "imports house.kitchen.recipe" in found


def test_an_import_of_a_higher_floor_is_found(tmp_path: Path) -> None:
    package = house(tmp_path, {"kitchen/tools/knife.py": "from house.street import lamp"})
    assert cycles(package) == []
    assert upward(package, FLOORS) == ["house/kitchen/tools/knife.py:2 imports house.street"]


def test_an_import_of_a_composition_root_is_found(tmp_path: Path) -> None:
    package = house(tmp_path, {"street/__init__.py": "import house.office.__main__"})
    (found,) = imports_of(package, "house.office")
    assert str(found) == "house/street/__init__.py:2 imports house.office.__main__"


def test_what_a_module_needs_is_followed_through_others_and_their_packages(tmp_path: Path) -> None:
    for_types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch"
    package = house(tmp_path, {"kitchen/__init__.py": "import tomllib", "kitchen/tools/knife.py": for_types})
    needed = {one.imported for one in needs(package, "house.office.__main__")}
    assert needed == {"os", "numpy", "tomllib", "typing"}


def test_crowded_folders_are_counted_at_any_depth(tmp_path: Path) -> None:
    house(tmp_path)
    assert crowded([tmp_path], most=3) == []
    assert crowded([tmp_path / "house"], most=2) == [f"{tmp_path}/house/kitchen/tools: 3 Python files"]
