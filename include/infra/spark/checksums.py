"""The jars that each set resolves to, by SHA-256: what a registry sends must be these and no others.

The file is in ``sha256sum``'s format, with ``<set>/<organisation>/<jar>`` as names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from include.infra.errors import StackError

PINNED = Path(__file__).with_name("jars.sha256")


def checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every jar below a folder by its path there, in hexadecimal digits."""
    found = {}
    for jar in sorted(folder.rglob("*.jar")):
        with jar.open("rb") as file:
            found[str(jar.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def pinned(name: str) -> dict[str, str]:
    """The pinned jars of a set, as ``checksums`` gives them."""
    lines = (line.split("  ") for line in PINNED.read_text(encoding="utf-8").splitlines())
    return {path.removeprefix(f"{name}/"): digest for digest, path in lines if path.startswith(f"{name}/")}


def require_pinned(name: str, folder: Path) -> None:
    """Check that a folder holds exactly the pinned jars of a set.

    Raises:
        StackError: naming the jars that are others, missing or new.
    """
    found, wanted = checksums(folder), pinned(name)
    differing = [jar for jar in (*found, *(wanted.keys() - found)) if found.get(jar) != wanted.get(jar)]
    if differing:
        said = "; ".join(
            f"{jar} has SHA-256 {found.get(jar, 'none (it is missing)')}, pinned is {wanted.get(jar, 'none')}"
            for jar in differing[:5]
        )
        raise StackError(
            f"the registry sent other jars of the set {name!r} than {PINNED.name} has: {said}. Nothing of it "
            "is used. After an intended change of versions, update the file by 'make lock'"
        )


def write_pinned(sets: Mapping[str, Mapping[str, str]]) -> None:
    """Write the file from the checksums of each set."""
    lines = (f"{digest}  {name}/{jar}\n" for name, jars in sets.items() for jar, digest in jars.items())
    PINNED.write_text("".join(lines), encoding="utf-8")
