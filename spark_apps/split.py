"""Split a version's deduplicated posts into test, dev, snorkel_train and train.

    spark-submit --master 'local[2]' --jars <JDBC jar> spark_apps/split.py --version 3

The checkout is on PYTHONPATH of the driver; executors elsewhere: see ``dump_raw.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser
from include.console.command import command
from include.datasets.splitting.split import split
from include.infra.spark.session import run_application
from include.schema.dataset_version import version_argument
from include.settings import get_settings


@command
def main(argv: Sequence[str] | None = None) -> int:
    parser = CommandParser(prog="spark_apps/split.py", about=__doc__)
    parser.add_argument("--version", type=version_argument, required=True, help="dataset version, >= 0")
    arguments = parser.parse_args(argv)
    settings = get_settings()
    return run_application("split", settings, lambda spark: split(spark, arguments.version, settings))


if __name__ == "__main__":
    sys.exit(main())
