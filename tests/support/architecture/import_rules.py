"""Rules about imports, each a function that returns what breaks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

from tests.support.architecture.import_graph import Import, Package, within


def cycles(package: Package) -> list[str]:
    """One line for each package whose own modules and sub-packages import each other in a circle.

    The modules directly in a package are one node, each of its sub-packages with everything below it
    another.
    """
    return [line for name in sorted(package.packages) for line in _cycle(package, name)]


def _cycle(package: Package, name: str) -> Iterator[str]:
    graph: dict[str, set[str]] = {}
    because: dict[tuple[str, str], Import] = {}
    for one in package.internal:
        if within(one.importer, name) and within(one.imported, name):
            edge = package.node(one.importer, name), package.node(one.imported, name)
            if edge[0] != edge[1]:
                graph.setdefault(edge[0], set()).add(edge[1])
                because.setdefault(edge, one)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        circle = found.args[1][::-1]  # graphlib names the imported before the importer
        steps = [str(because[edge]) for edge in pairwise(circle)]
        yield f"{name}: {' -> '.join(circle)}: {'; '.join(steps)}"


def upward(package: Package, floors: Iterable[Iterable[str]]) -> list[str]:
    """Imports from a lower floor of the house to a higher one.

    Args:
        floors: names directly in the package, the lowest floor first. Each stands on one floor.
    """
    floor_of = {f"{package.name}.{room}": floor for floor, rooms in enumerate(floors) for room in rooms}
    return [
        str(one)
        for one in package.internal
        if floor_of.get(_room(one.importer, package), 0) < floor_of.get(_room(one.imported, package), 0)
    ]


def rooms(package: Package) -> set[str]:
    """The names of what lies directly in the package."""
    return {_room(module, package).rpartition(".")[2] for module in package.modules} - {package.name}


def imports_of(package: Package, imported: str) -> list[Import]:
    """Imports of a sub-package by what lies outside it."""
    return [
        one
        for one in package.internal
        if within(one.imported, imported) and not within(one.importer, imported)
    ]


def needs(package: Package, module: str) -> list[Import]:
    """Imports of other packages, by the module or anything that it loads, however indirectly."""
    by_importer: dict[str, list[Import]] = {}
    for one in package.imports:
        if one.for_types:
            continue
        by_importer.setdefault(one.importer, []).append(one)
    reached, left, found = {module}, [module], list[Import]()
    while left:
        current = left.pop()
        parents = [Import(current, parent, "") for parent in _parents(current)]  # they run first
        for one in by_importer.get(current, []) + parents:
            if not within(one.imported, package.name):
                found.append(one)
            elif one.imported not in reached:
                reached.add(one.imported)
                left.append(one.imported)
    return found


def crowded(folders: Iterable[Path], most: int) -> list[str]:
    """Folders, at any depth, with more Python files side by side than ``most``."""
    counted = {
        folder: sum(1 for _ in folder.glob("*.py"))
        for top in folders
        for folder in [top, *(path for path in top.rglob("*") if path.is_dir())]
    }
    return [f"{folder}: {files} Python files" for folder, files in counted.items() if files > most]


def _room(module: str, package: Package) -> str:
    """The name directly in the package that the module is, or is below."""
    return ".".join(module.split(".")[: package.name.count(".") + 2])


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]
