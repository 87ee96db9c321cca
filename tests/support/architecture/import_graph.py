"""Which module imports which, read from the source: nothing is imported to find out.

Imports inside functions count like any other; those under ``TYPE_CHECKING`` are marked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Import:
    """One import: who, what, and where it stands.

    Attributes:
        importer: a module of the package.
        imported: a module of the package, or what another package is called in the import.
        place: file and line.
        for_types: whether only a type checker sees it.
    """

    importer: str
    imported: str
    place: str
    for_types: bool = False

    def __str__(self) -> str:
        return f"{self.place} imports {self.imported}"


@dataclass(frozen=True)
class Package:
    """A package's modules by name, and all of their imports.

    Attributes:
        name: of the package.
        modules: the file of each module; a package's own is its ``__init__.py``.
        imports: in the order of the files.
    """

    name: str
    modules: Mapping[str, Path]
    imports: tuple[Import, ...]

    @classmethod
    def read(cls, root: Path, name: str) -> Package:
        """Parse every Python file of the package ``name`` that lies in the folder ``root``."""
        files = sorted((root / name).rglob("*.py"))
        modules = {_module_name(file.relative_to(root)): file for file in files}
        found = [
            imported for module, file in modules.items() for imported in _imports(module, file, modules, root)
        ]
        return cls(name, modules, tuple(found))

    @cached_property
    def internal(self) -> list[Import]:
        """Imports of the package's own modules."""
        return [one for one in self.imports if within(one.imported, self.name)]

    @property
    def external(self) -> list[Import]:
        """Imports of anything else."""
        return [one for one in self.imports if not within(one.imported, self.name)]

    @cached_property
    def packages(self) -> frozenset[str]:
        """The package and every one below it."""
        return frozenset(name for name, file in self.modules.items() if file.name == "__init__.py")

    def node(self, module: str, package: str) -> str:
        """The sub-package of ``package`` that the module belongs to; ``package`` for one directly in it."""
        below = module.removeprefix(f"{package}.").split(".")
        child = f"{package}.{below[0]}"
        return child if module != package and child in self.packages else package


def within(module: str, package: str) -> bool:
    """Whether a module is the package, or below it."""
    return module == package or module.startswith(f"{package}.")


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(module: str, file: Path, modules: Mapping[str, Path], root: Path) -> Iterator[Import]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for_types = {inner for branch in ast.walk(tree) if _for_types(branch) for inner in ast.walk(branch)}
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Import):
            names = [name.name for name in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            source = _source(statement, module, file)
            inside = [f"{source}.{name.name}" for name in statement.names]
            names = [name if name in modules else source for name in inside]
        else:
            continue
        place = f"{file.relative_to(root)}:{statement.lineno}"
        yield from (Import(module, name, place, statement in for_types) for name in dict.fromkeys(names))


def _for_types(branch: ast.AST) -> bool:
    return isinstance(branch, ast.If) and ast.unparse(branch.test).endswith("TYPE_CHECKING")


def _source(statement: ast.ImportFrom, module: str, file: Path) -> str:
    """The module that names are imported from, also where it is given relative to the importing one."""
    if not statement.level:
        return statement.module or ""
    up = statement.level - (file.name == "__init__.py")
    base = module.split(".")[: -up or None]
    return ".".join([*base, *([statement.module] if statement.module else [])])
