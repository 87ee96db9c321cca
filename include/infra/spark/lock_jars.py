"""``python -m include.infra.spark.lock_jars``: download the jars and pin them by their SHA-256."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from include.errors import USER_ERROR_EXIT_CODE, UserError
from include.infra.spark.checksums import PINNED, checksums, write_pinned
from include.infra.spark.jars import broker_set, downloaded, spark_set
from include.settings import get_settings


def main(arguments: list[str] | None = None) -> int:
    """Write ``jars.sha256`` from what the registry has for the versions in ``jars.py``."""
    argparse.ArgumentParser(description=__doc__).parse_args(arguments)
    sets = {}
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for jars in (broker_set(), spark_set()):
                with downloaded(jars, Path(scratch), get_settings()) as folder:
                    sets[jars.name] = checksums(folder)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return USER_ERROR_EXIT_CODE
    write_pinned(sets)
    print(f"{PINNED.name}: {sum(map(len, sets.values()))} jars pinned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
