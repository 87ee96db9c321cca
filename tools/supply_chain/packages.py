"""What the locks name: Python packages and jars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from include.infra.spark.checksums import PINNED
from include.settings import PROJECT_ROOT

_PINNED_PACKAGE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")
_JAR = re.compile(r"(.+?)-(\d[^-]*(?:-[^-]+)?)\.jar")


@dataclass(frozen=True)
class Package:
    """One thing of a version.

    Attributes:
        sha256: the hashes of the files that it may come in.
        organisation: Maven's; Python packages have none.
    """

    kind: str
    name: str
    version: str
    sha256: tuple[str, ...]
    organisation: str | None = None


def python_packages(lock: Path = PROJECT_ROOT / "requirements.lock") -> Iterator[Package]:
    """The packages of a lock in pip's format."""
    for entry in re.split(r"\n(?=[^\s#])", lock.read_text(encoding="utf-8")):
        if found := _PINNED_PACKAGE.match(entry):
            hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
            yield Package("pypi", found[1], found[2], hashes)


def jars(pinned: Path = PINNED) -> Iterator[Package]:
    """The pinned jars, each once.

    >>> _JAR.fullmatch("zstd-jni-1.5.6-10.jar").groups(), _JAR.fullmatch("kafka_2.13-4.1.0.jar").groups()
    (('zstd-jni', '1.5.6-10'), ('kafka_2.13', '4.1.0'))
    """
    lines = (line.split("  ") for line in pinned.read_text(encoding="utf-8").splitlines())
    for digest, organisation, file in sorted({(digest, *path.split("/")[1:]) for digest, path in lines}):
        found = _JAR.fullmatch(file)
        assert found, file
        yield Package("maven", found[1], found[2], (digest,), organisation)
