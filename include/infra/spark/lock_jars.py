"""``python -m include.infra.spark.lock_jars``: download the jars and pin them by their SHA-256."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from include.console.arguments import CommandParser
from include.console.command import command, show
from include.infra.spark.checksums import PINNED, checksums, write_pinned
from include.infra.spark.jars import broker_set, downloaded, spark_set
from include.settings import get_settings


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Write ``jars.sha256`` from what the registry has for the versions in ``jars.py``."""
    CommandParser("include.infra.spark.lock_jars", __doc__).parse_args(argv)
    sets = {}
    with tempfile.TemporaryDirectory() as scratch:
        for jars in (broker_set(), spark_set()):
            with downloaded(jars, Path(scratch), get_settings()) as folder:
                sets[jars.name] = checksums(folder)
    write_pinned(sets)
    show(f"{PINNED.name}: {sum(map(len, sets.values()))} jars pinned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
