"""Deduplicate a version's raw table: one row per post and text, near-duplicates in groups.

    spark-submit --master 'local[2]' --jars <JDBC jar> spark_apps/deduplicate.py --version 3

The checkout is on PYTHONPATH of the driver; executors elsewhere: see ``dump_raw.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser
from include.console.command import command
from include.datasets.dedup.deduplicate import deduplicate
from include.infra.spark.session import run_application
from include.schema.dataset_version import version_argument
from include.settings import get_settings


@command
def main(argv: Sequence[str] | None = None) -> int:
    parser = CommandParser(prog="spark_apps/deduplicate.py", about=__doc__)
    parser.add_argument("--version", type=version_argument, required=True, help="dataset version, >= 0")
    arguments = parser.parse_args(argv)
    settings = get_settings()
    return run_application(
        "deduplicate", settings, lambda spark: deduplicate(spark, arguments.version, settings)
    )


if __name__ == "__main__":
    sys.exit(main())
