"""The machine's Java: Spark 4 and the Kafka broker need release 17 or 21."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from include.infra.errors import StackError

if TYPE_CHECKING:  # set-up looks for Java before the settings' libraries are installed
    from include.settings import Settings

RELEASES = (17, 21)
HOW_TO = (
    "install it (Debian, Ubuntu: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@17) "
    "or set JAVA_HOME to one"
)


def java_binary(settings: Settings) -> Path:
    """The ``java`` to run.

    Raises:
        StackError: there is none, or it is of another release.
    """
    return find_java(settings.java_home)


def find_java(home: Path | None) -> Path:
    """The ``java`` below a JAVA_HOME, or else the one on the PATH; see :func:`java_binary`."""
    found = _candidate(home)
    release = parse_release(_version_text(found))
    if release not in RELEASES:
        raise StackError(
            f"{found} is Java {release or 'of unknown release'}; Java 17 or 21 is needed: {HOW_TO}"
        )
    return found


def java_home(settings: Settings) -> Path:
    """The folder to hand on as JAVA_HOME."""
    return java_binary(settings).resolve().parent.parent


def java_locale() -> dict[str, str]:
    """What lets Java name files with letters of any language: without a locale it knows ASCII alone.

    Python takes UTF-8 in that case.
    """
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C"
    return {"LC_ALL": "C.UTF-8"} if chosen in ("C", "POSIX") else {}


def parse_release(version_text: str) -> int | None:
    """Read the feature release from what ``java -version`` prints.

    >>> parse_release('openjdk version "17.0.15" 2025-04-15'), parse_release('java version "1.8.0_402"')
    (17, 8)
    """
    match = re.search(r'version "(?:1\.)?(\d+)', version_text)
    return int(match.group(1)) if match else None


def _candidate(home: Path | None) -> Path:
    if home is not None:
        binary = home.expanduser() / "bin" / "java"
        if not binary.exists():
            raise StackError(f"JAVA_HOME is {home}, which holds no bin/java: {HOW_TO}")
        return binary
    on_path = shutil.which("java")
    if on_path is None:
        raise StackError(f"no java on the PATH; Java 17 or 21 is needed: {HOW_TO}")
    return Path(on_path)


@functools.cache  # each question starts a JVM
def _version_text(binary: Path) -> str:
    done = subprocess.run([binary, "-version"], capture_output=True, text=True, timeout=30)
    return done.stderr + done.stdout
