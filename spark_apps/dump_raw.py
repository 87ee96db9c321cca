"""Dump a dataset version's posts from Kafka into its raw table, half from each topic.

    spark-submit --master 'local[2]' --jars <connector and JDBC jars> spark_apps/dump_raw.py --version 3

The checkout is on PYTHONPATH of the driver. Executors on other machines need the folder ``include``
too: on their PYTHONPATH, or by ``--py-files include.zip``; and psycopg, orjson and pyarrow in their
Python. The driver's settings (TWEETSIEVE_*) travel to them with the job.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.datasets.raw_table import dump_raw
from include.infra.spark.session import run_application
from include.schema.dataset_version import version_argument
from include.settings import get_settings

FEWEST_POSTS = 2
"""One from each topic."""


@command
def main(argv: Sequence[str] | None = None) -> int:
    parser = CommandParser(prog="spark_apps/dump_raw.py", about=__doc__)
    parser.add_argument("--version", type=version_argument, required=True, help="dataset version, >= 0")
    parser.add_argument(
        "--posts",
        type=whole_number(FEWEST_POSTS),
        default=50_000,
        help="at most so many, half from each topic",
    )
    arguments = parser.parse_args(argv)
    settings = get_settings()
    return run_application(
        "dump_raw", settings, lambda spark: dump_raw(spark, arguments.version, settings, arguments.posts)
    )


if __name__ == "__main__":
    sys.exit(main())
